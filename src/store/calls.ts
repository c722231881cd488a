// The ledger of calls in SQL: admissions and settlements, written in groups, each call settled at most once.
import { and, eq, getTableColumns, isNull, lt, type SQL, sql } from "drizzle-orm";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Driver } from "./driver.ts";
import { chargeCall } from "./ledger.ts";
import type { CallRecord, CallStore, OpenCall, Settlement } from "./port.ts";
import { calls } from "./schema.sqlite.ts";
import { readUsage } from "./usage.ts";

/** Per-call money is read as text, for a double can't hold every 64-bit integer. */
const { chargedNanos: _, ...plain } = getTableColumns(calls);
const columns = { ...plain, costNanos: sql<string | null>`cast(${calls.costNanos} as text)` };

type CallRow = Omit<typeof calls.$inferSelect, "costNanos" | "chargedNanos"> & { readonly costNanos: string | null };

const openColumns = [
  "id",
  "keyId",
  "customer",
  "project",
  "operation",
  "dialect",
  "requestedModel",
  "stream",
  "openedAtMs",
  "estimatedInputTokens",
] as const;

/** Of an open call, whom the plan asks first. */
const plannedColumns = ["provider", "model", "canonicalModel"] as const;

/** Every counter, not reported; what a settlement has lies over it. */
const absentUsage = {
  inputTokens: null,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  cacheWrite1hTokens: null,
  inputAudioTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  outputAudioTokens: null,
  acceptedPredictionTokens: null,
  rejectedPredictionTokens: null,
  images: null,
  audioSeconds: null,
  characters: null,
  queries: null,
  webSearches: null,
} as const;

const settledColumns = [
  ...(Object.keys(absentUsage) as (keyof typeof absentUsage)[]),
  "outcome",
  "httpStatus",
  "errorCode",
  "provider",
  "model",
  "canonicalModel",
  "finishReason",
  "estimated",
  "prepaid",
  "attempts",
  "settledAtMs",
  "ttftMs",
  "durationMs",
] as const;

/** The call repository over one database. */
export function callStore({ db, atomic }: Driver): CallStore {
  const insert = db
    .insert(calls)
    .values(slots([...openColumns, ...plannedColumns]))
    .onConflictDoNothing();
  // The first settlement wins: a call that is settled already keeps what it has. What this settles is rolled up by a trigger.
  const settle = db
    .update(calls)
    .set({
      ...slots(settledColumns),
      costNanos: sql`cast(${sql.placeholder("costNanos")} as integer)`,
      chargedNanos: sql`cast(${sql.placeholder("chargedNanos")} as integer)`,
    })
    .where(and(eq(calls.id, slot("id")), isNull(calls.settledAtMs)));
  return {
    async append({ opened, settled }) {
      if (opened.length + settled.length === 0) return;
      await atomic([
        { statement: insert, rows: opened.map(toOpenedRow) },
        { statement: settle, rows: settled.map(toSettledRow) },
        { statement: chargeCall, rows: settled.filter(({ prepaid }) => prepaid === true).map(({ id }) => ({ id })) },
      ]);
    },
    async listOpen(beforeMs) {
      const open = and(isNull(calls.settledAtMs), lt(calls.openedAtMs, beforeMs));
      const rows: CallRow[] = await db.select(columns).from(calls).where(open).orderBy(calls.openedAtMs);
      return rows.map((row) => ({ ...toOpenCall(row), ...toPlanned(row) }));
    },
    async get(id) {
      const rows: CallRow[] = await db.select(columns).from(calls).where(eq(calls.id, id));
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
    usage: (query) => readUsage(db, query),
  };
}

/** A column's value, filled in from each row under the column's name in the schema. */
function slot(name: Exclude<keyof CallRow, "costNanos">): SQL {
  return sql`${sql.param(sql.placeholder(name), calls[name])}`;
}

function slots<Name extends Exclude<keyof CallRow, "costNanos">>(names: readonly Name[]): Record<Name, SQL> {
  return Object.fromEntries(names.map((name) => [name, slot(name)])) as Record<Name, SQL>;
}

function toOpenedRow({ planned, ...call }: OpenCall): Readonly<Record<string, unknown>> {
  return { ...(planned ?? { provider: null, model: null, canonicalModel: null }), ...call };
}

/** `{ id, …usage counters, … }`: a settlement as the columns that it fills; money as text, for D1 takes no bigint. */
function toSettledRow({ usage, costNanos, chargedNanos, ...rest }: Settlement): Readonly<Record<string, unknown>> {
  return {
    ...absentUsage,
    ...rest,
    ...usage,
    estimated: usage?.estimated ?? false,
    prepaid: rest.prepaid ?? false,
    costNanos: costNanos?.toString() ?? null,
    chargedNanos: chargedNanos?.toString() ?? null,
  };
}

function toPlanned({ provider, model, canonicalModel }: CallRow): Pick<OpenCall, "planned"> {
  return provider === null || model === null ? {} : { planned: { provider, model, canonicalModel } };
}

function toOpenCall(row: CallRow): OpenCall {
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

function toRecord(row: CallRow): CallRecord {
  return { ...toOpenCall(row), settlement: toSettlement(row) };
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
  return {
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens ?? 0,
    ...(row.cachedInputTokens !== null && { cachedInputTokens: row.cachedInputTokens }),
    ...(row.cacheWriteTokens !== null && { cacheWriteTokens: row.cacheWriteTokens }),
    ...(row.cacheWrite1hTokens !== null && { cacheWrite1hTokens: row.cacheWrite1hTokens }),
    ...(row.inputAudioTokens !== null && { inputAudioTokens: row.inputAudioTokens }),
    ...(row.reasoningTokens !== null && { reasoningTokens: row.reasoningTokens }),
    ...(row.outputAudioTokens !== null && { outputAudioTokens: row.outputAudioTokens }),
    ...(row.acceptedPredictionTokens !== null && { acceptedPredictionTokens: row.acceptedPredictionTokens }),
    ...(row.rejectedPredictionTokens !== null && { rejectedPredictionTokens: row.rejectedPredictionTokens }),
    ...(row.images !== null && { images: row.images }),
    ...(row.audioSeconds !== null && { audioSeconds: row.audioSeconds }),
    ...(row.characters !== null && { characters: row.characters }),
    ...(row.queries !== null && { queries: row.queries }),
    ...(row.webSearches !== null && { webSearches: row.webSearches }),
    ...(row.estimated === true && { estimated: true as const }),
  };
}
