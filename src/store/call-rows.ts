// Calls as rows of their table: which column holds what of a call, how a row is written, and how it is read.
import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { CallRecord, OpenCall, Settlement } from "./port.ts";
import { calls } from "./schema.sqlite.ts";

/** A call with how it ended. */
export interface EndedCall {
  readonly call: OpenCall;
  readonly settlement: Settlement;
}

/** Columns, and what each is filled with. */
type Filling<From> = readonly (readonly [column: SQLiteColumn, value: (from: From) => unknown])[];

const opening: Filling<OpenCall> = [
  [calls.id, (call) => call.id],
  [calls.keyId, (call) => call.keyId],
  [calls.customer, (call) => call.customer],
  [calls.project, (call) => call.project],
  [calls.operation, (call) => call.operation],
  [calls.dialect, (call) => call.dialect],
  [calls.requestedModel, (call) => call.requestedModel],
  [calls.stream, (call) => Number(call.stream)],
  [calls.openedAtMs, (call) => call.openedAtMs],
  [calls.estimatedInputTokens, (call) => call.estimatedInputTokens],
];

/** Of an open call, whom the plan asks first. */
const planning: Filling<OpenCall> = [
  [calls.provider, ({ planned }) => planned?.provider],
  [calls.model, ({ planned }) => planned?.model],
  [calls.canonicalModel, ({ planned }) => planned?.canonicalModel],
];

const settling: Filling<Settlement> = [
  [calls.outcome, (settlement) => settlement.outcome],
  [calls.httpStatus, (settlement) => settlement.httpStatus],
  [calls.errorCode, (settlement) => settlement.errorCode],
  [calls.provider, (settlement) => settlement.provider],
  [calls.model, (settlement) => settlement.model],
  [calls.canonicalModel, (settlement) => settlement.canonicalModel],
  [calls.finishReason, (settlement) => settlement.finishReason],
  [calls.inputTokens, ({ usage }) => usage?.inputTokens],
  [calls.cachedInputTokens, ({ usage }) => usage?.cachedInputTokens],
  [calls.outputTokens, ({ usage }) => usage?.outputTokens],
  [calls.reasoningTokens, ({ usage }) => usage?.reasoningTokens],
  [calls.estimated, ({ usage }) => Number(usage?.estimated ?? false)],
  // As text, for D1 takes no bigint; the column makes an integer of it again.
  [calls.costNanos, ({ costNanos }) => costNanos?.toString()],
  [calls.chargedNanos, ({ chargedNanos }) => chargedNanos?.toString()],
  [calls.prepaid, ({ prepaid }) => Number(prepaid ?? false)],
  [calls.attempts, ({ attempts }) => JSON.stringify(attempts)],
  [calls.settledAtMs, (settlement) => settlement.settledAtMs],
  [calls.ttftMs, (settlement) => settlement.ttftMs],
  [calls.durationMs, (settlement) => settlement.durationMs],
];

/** Counters that few calls have; null in the others' rows, which are written without them. */
const rare = [
  "cacheWriteTokens",
  "cacheWrite1hTokens",
  "inputAudioTokens",
  "outputAudioTokens",
  "acceptedPredictionTokens",
  "rejectedPredictionTokens",
  "images",
  "audioSeconds",
  "characters",
  "queries",
  "webSearches",
] as const;

const settlingRare: Filling<Settlement> = [
  ...settling,
  ...rare.map((name) => [calls[name], ({ usage }: Settlement) => usage?.[name]] as const),
];

/** Whether the row of the settlement has to be written by the longer statements. */
export function hasRare({ usage }: Settlement): boolean {
  return usage !== null && rare.some((name) => usage[name] !== undefined);
}

/** A statement, and the rows to run it for: lists of what fills its placeholders. */
interface Writing<From> {
  readonly statement: SQL;
  row(from: From): readonly unknown[];
}

/** Writes an admitted call. Fails where there is one of this id. */
export const insertOpened: Writing<OpenCall> = inserting([...opening, ...planning]);

/** Writes a call that has ended already, as `insertOpened`. */
export const insertEnded = inserting(endedBy(settling));
export const insertEndedRare = inserting(endedBy(settlingRare));

/** Settles a call whose row is there. Fails where it has been settled (drizzle/sqlite/0015_recording.sql). */
export const settle = updating(settling);
export const settleRare = updating(settlingRare);

function endedBy(filling: Filling<Settlement>): Filling<EndedCall> {
  return [
    ...opening.map(([column, value]) => [column, ({ call }: EndedCall) => value(call)] as const),
    ...filling.map(([column, value]) => [column, ({ settlement }: EndedCall) => value(settlement)] as const),
  ];
}

function inserting<From>(filling: Filling<From>): Writing<From> {
  const columns = sql.join(filling.map(nameOf), sql`, `);
  const values = sql.join(filling.map(slotOf), sql`, `);
  return { statement: sql`insert into ${calls} (${columns}) values (${values})`, row: rowBy(filling) };
}

function updating(filling: Filling<Settlement>): Writing<Settlement> {
  const sets = sql.join(
    filling.map((one) => sql`${nameOf(one)} = ${slotOf(one)}`),
    sql`, `,
  );
  const statement = sql`update ${calls} set ${sets} where id = ${sql.placeholder("id")}`;
  return { statement, row: rowBy([...filling, [calls.id, (settlement) => settlement.id]]) };
}

function nameOf([column]: readonly [SQLiteColumn, unknown]): SQL {
  return sql`${sql.identifier(column.name)}`;
}

function slotOf([column]: readonly [SQLiteColumn, unknown]): SQL {
  return sql`${sql.placeholder(column.name)}`;
}

function rowBy<From>(filling: Filling<From>): (from: From) => readonly unknown[] {
  const values = filling.map(([, value]) => value);
  return (from) => values.map((value) => value(from) ?? null);
}

/** Per-call money is read as text, for a double can't hold every 64-bit integer. */
const { chargedNanos: _, ...plain } = getTableColumns(calls);
export const callColumns = { ...plain, costNanos: sql<string | null>`cast(${calls.costNanos} as text)` };

export type CallRow = Omit<typeof calls.$inferSelect, "costNanos" | "chargedNanos"> & {
  readonly costNanos: string | null;
};

/** An open call, with whom its plan had first. */
export function toOpenCall(row: CallRow): OpenCall {
  const { provider, model, canonicalModel } = row;
  return {
    ...toAdmitted(row),
    ...(provider !== null && model !== null && { planned: { provider, model, canonicalModel } }),
  };
}

export function toRecord(row: CallRow): CallRecord {
  return { ...toAdmitted(row), settlement: toSettlement(row) };
}

function toAdmitted(row: CallRow): OpenCall {
  return {
    id: row.id,
    keyId: row.keyId,
    customer: row.customer,
    project: row.project,
    operation: row.operation,
    dialect: row.dialect,
    requestedModel: row.requestedModel,
    stream: row.stream,
    openedAtMs: row.openedAtMs,
    estimatedInputTokens: row.estimatedInputTokens,
  };
}

function toSettlement(row: CallRow): Settlement | null {
  if (row.settledAtMs === null || row.outcome === null) return null;
  return {
    id: row.id,
    outcome: row.outcome,
    httpStatus: row.httpStatus,
    errorCode: row.errorCode,
    provider: row.provider,
    model: row.model,
    canonicalModel: row.canonicalModel,
    finishReason: row.finishReason,
    usage: toUsage(row),
    costNanos: row.costNanos === null ? null : BigInt(row.costNanos),
    attempts: row.attempts ?? [],
    settledAtMs: row.settledAtMs,
    ttftMs: row.ttftMs,
    durationMs: row.durationMs ?? 0,
  };
}

/** A counter that was not reported is absent again, not 0 and not null. */
function toUsage(row: CallRow): Usage | null {
  if (row.inputTokens === null) return null;
  const counters = Object.fromEntries(
    (["cachedInputTokens", "reasoningTokens", ...rare] as const).flatMap((name) =>
      row[name] === null ? [] : [[name, row[name]]],
    ),
  );
  return {
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens ?? 0,
    ...counters,
    ...(row.estimated === true && { estimated: true as const }),
  };
}
