// Retention: the beginning of the trail is removed up to a checkpoint, and a signed cut that names its last hash stays in its place.
import type { AuditRow, AuditStore } from "../store/port-audit.ts";
import { type CutBody, checkpointAction, cutAction, signed } from "./checkpoint.ts";
import { type AuditTrail, bySystem } from "./trail.ts";
import { lastCut, type Problem, rowsOf, verifyEvidence } from "./verify.ts";

export interface RetentionOptions {
  readonly store: AuditStore;
  readonly trail: Pick<AuditTrail, "append" | "signer">;
  now(): number;
  readonly days: number;
  /** What exporters still need: nothing after this entry is removed. */
  deliveredThrough(): Promise<number>;
  /** Writes what is about to be removed where it is kept; null where it is not kept. */
  readonly archive:
    | ((first: number, last: number, rows: AsyncIterable<AuditRow>) => Promise<CutBody["archive"]>)
    | null;
}

export type Retained =
  | { readonly kind: "nothing" }
  | { readonly kind: "cut"; readonly through: number }
  /** What would be removed does not verify: it is evidence, and stays. */
  | { readonly kind: "tampered"; readonly problem: Problem };

const dayMs = 86_400_000;
/** So many entries go at once: a transaction must not hold up others for long. */
const mostAtOnce = 5_000;

/** Removes some of what is older than it must be kept. To be called again until there is nothing. */
export async function retain(options: RetentionOptions): Promise<Retained> {
  const { store, trail, now, days, archive } = options;
  const { signer } = trail;
  const before = await lastCut(store, signer);
  const first = (before?.seq ?? 0) + 1;
  const [old] = await store.list({ toMs: now() - days * dayMs, limit: 1 });
  if (old === undefined) return { kind: "nothing" };
  const most = Math.min(old.seq, first + mostAtOnce - 1, await options.deliveredThrough());
  // The entry of a checkpoint stands behind what that covers, and stays.
  const [checkpoint] = await store.list({ action: checkpointAction, before: most + 2, limit: 1 });
  const through = (checkpoint?.seq ?? 0) - 1;
  const last = through < first ? null : await store.get(through);
  if (last === null) return { kind: "nothing" };

  const rows = () => rowsOf(store, Number.MIN_SAFE_INTEGER, through);
  const { problem } = await verifyEvidence({ rows: rows(), cut: before }, { verifier: signer, signer });
  if (problem !== null) return { kind: "tampered", problem };
  const cut = signed(
    {
      type: "turnpike.audit.cut/1" as const,
      kid: signer.kid,
      seq: through,
      hash: last.hash,
      first_seq: first,
      at: new Date(now()).toISOString(),
      archive: archive === null ? null : await archive(first, through, rows()),
    },
    signer.sign,
  );
  await trail.append([{ event: { ...bySystem, action: cutAction, after: cut }, cutThrough: through }]);
  return { kind: "cut", through };
}
