// Checkpoints: signed statements of how far the trail went and what its last hash was. They stand in the trail, and are to be kept outside too.
import { z } from "zod";
import { canonical, sha256 } from "./entry.ts";
import type { AuditVerifier } from "./key.ts";

/** What is signed, as canonical JSON. */
export interface CheckpointBody {
  readonly type: "turnpike.audit.checkpoint/1";
  readonly kid: string;
  /** The last entry that it covers, and that entry's hash. */
  readonly seq: number;
  readonly hash: string;
  /** Entries since the checkpoint before, or since the beginning. */
  readonly count: number;
  readonly at: string;
  /** SHA-256 of the checkpoint before as it was signed; null for the first one. */
  readonly previous: string | null;
}

/** A statement that the beginning of the trail was removed, and how it ended. */
export interface CutBody {
  readonly type: "turnpike.audit.cut/1";
  readonly kid: string;
  /** The last entry that was removed, and its hash: what the first one that is left follows. */
  readonly seq: number;
  readonly hash: string;
  /** The first one that was removed. */
  readonly first_seq: number;
  readonly at: string;
  /** Where the entries were written before, and the SHA-256 of that file; null when they were not. */
  readonly archive: { readonly file: string; readonly sha256: string } | null;
}

export type Signed<T> = T & { readonly signature: string };
export type Checkpoint = Signed<CheckpointBody>;
export type Cut = Signed<CutBody>;

export const checkpointAction = "audit.checkpoint";
export const cutAction = "audit.cut";

/** Signs a statement: Ed25519 over its canonical JSON. */
export function signed<T extends object>(body: T, sign: (text: string) => string): Signed<T> {
  return { ...body, signature: sign(canonical(body)) };
}

/** Whether the trail's key has signed it. */
export function isSigned(statement: Signed<{ readonly kid: string }>, verifier: AuditVerifier): boolean {
  const { signature, ...body } = statement;
  return body.kid === verifier.kid && verifier.verify(canonical(body), signature);
}

/** What the next checkpoint names as the one before. */
export function checkpointHash({ signature: _, ...body }: Checkpoint): string {
  return sha256(canonical(body));
}

/** A value as a checkpoint; null when it has not the shape of one. */
export function readCheckpoint(value: unknown): Checkpoint | null {
  const read = checkpointSchema.safeParse(value);
  return read.success ? read.data : null;
}

/** A value as a cut; null when it has not the shape of one. */
export function readCut(value: unknown): Cut | null {
  const read = cutSchema.safeParse(value);
  return read.success ? read.data : null;
}

const statement = { kid: z.string(), seq: z.int(), hash: z.string(), at: z.string(), signature: z.string() };
const checkpointSchema = z.strictObject({
  ...statement,
  type: z.literal("turnpike.audit.checkpoint/1"),
  count: z.int(),
  previous: z.string().nullable(),
});
const cutSchema = z.strictObject({
  ...statement,
  type: z.literal("turnpike.audit.cut/1"),
  first_seq: z.int(),
  archive: z.strictObject({ file: z.string(), sha256: z.string() }).nullable(),
});
