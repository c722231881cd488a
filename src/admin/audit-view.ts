// The trail as it is asked for and shown, here and on the command line.
import { z } from "@hono/zod-openapi";
import { exported, type Format, formatted } from "../audit/formats.ts";
import type { AuditQuery, AuditRow, AuditStore } from "../store/port-audit.ts";
import { toCsv } from "./csv.ts";
import { timestamp } from "./schemas.ts";
import { readTime, requireSpan } from "./times.ts";

const pattern = (what: string) =>
  z
    .string()
    .max(50)
    .optional()
    .openapi({ description: `${what} \`*\` stands for any text.` });
const time = (what: string) =>
  z
    .string()
    .refine((text) => readTime(text) !== null, "expected a date, a time, or seconds since 1970")
    .optional()
    .openapi({ description: what, example: "2027-01-31" });

/** What may be asked of the trail. */
export const auditFilter = z.strictObject({
  action: pattern("`key.*`"),
  actor: pattern("The actor's id."),
  target: pattern("The target's id."),
  outcome: z.enum(["success", "denied", "failure", "unknown"]).optional(),
  from: time("Entries from this time on."),
  to: time("Entries before this time."),
  q: z.string().min(1).max(200).optional().openapi({ description: "A part of the entry's text, in any case." }),
});

export const exportFormats = ["json", "csv", "cef", "ocsf"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const entrySchema = z
  .looseObject({
    seq: z.int(),
    prev: z.string().openapi({ description: "The hash of the entry before." }),
    hash: z.string().openapi({ description: "SHA-256 of all other members as canonical JSON (RFC 8785)." }),
    at: timestamp,
    action: z.string().openapi({ example: "key.rotate" }),
    actor: z.object({ type: z.string(), id: z.string() }),
    target: z.object({ type: z.string(), id: z.string() }).nullable(),
    outcome: z.enum(["success", "denied", "failure", "unknown"]),
    reason: z.string().optional(),
    request_id: z.string().optional(),
    address: z.string().optional(),
    user_agent: z.string().optional(),
    hint: z.string().optional(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    count: z.int().optional().openapi({ description: "Of many alike that were counted: how many." }),
    since: timestamp.optional(),
  })
  .openapi("AuditEntry");

/** A filter as the store takes it. @throws GatewayError where it ends before it begins. */
export function toAuditQuery(filter: z.output<typeof auditFilter>): Omit<AuditQuery, "limit"> {
  const { action, actor, target, outcome, from, to, q } = filter;
  const [fromMs, toMs] = [from, to].map((text) => (text === undefined ? null : readTime(text)));
  requireSpan(fromMs, toMs);
  return {
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(target !== undefined && { target }),
    ...(outcome !== undefined && { outcome }),
    ...(typeof fromMs === "number" && { fromMs }),
    ...(typeof toMs === "number" && { toMs }),
    ...(q !== undefined && { search: q }),
  };
}

/** One whose text somebody has made no JSON is shown as far as that goes: `verify` tells more. */
export function entryView(row: AuditRow): z.output<typeof entrySchema> {
  try {
    return { ...exported(row) };
  } catch {
    return { ...unreadable, seq: row.seq, hash: row.hash };
  }
}

const unreadable = {
  prev: "",
  at: new Date(0).toISOString(),
  action: "unreadable",
  actor: { type: "system", id: "" },
  target: null,
  outcome: "unknown",
} as const;

const pageSize = 500;

/** All that a filter fits, oldest first, as text in a format, piece by piece. */
export async function* exportedText(
  store: Pick<AuditStore, "list">,
  query: Omit<AuditQuery, "limit" | "before" | "after">,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === "csv") yield toCsv(columns, []);
  for (let after = 0; ; ) {
    const rows = await store.list({ ...query, after, limit: pageSize });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield format === "csv"
      ? csvLines(rows)
      : rows.map((row) => `${formatted(format satisfies Format, row)}\n`).join("");
    after = last.seq;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const columns = [
  ...["seq", "at", "action", "outcome", "reason", "actor_type", "actor_id", "target_type", "target_id", "address"],
  ...["user_agent", "request_id", "hint", "count", "since", "before", "after", "prev", "hash"],
];

/** Without the line of names. */
function csvLines(rows: readonly AuditRow[]): string {
  const cells = rows.map(entryView).map(({ actor, target, before, after, ...rest }) => ({
    ...rest,
    actor_type: actor.type,
    actor_id: actor.id,
    target_type: target?.type,
    target_id: target?.id,
    before: before === undefined ? undefined : JSON.stringify(before),
    after: after === undefined ? undefined : JSON.stringify(after),
  }));
  return toCsv(columns, cells).slice(toCsv(columns, []).length);
}
