// Verifying: walks the whole trail, or an export of it, in little memory, and names the first entry at which it is not as it was written.
import type { AuditHead, AuditRow, AuditStore } from "../store/port-audit.ts";
import { headText, type Place } from "./append.ts";
import {
  type Checkpoint,
  type Cut,
  checkpointAction,
  checkpointHash,
  cutAction,
  isSigned,
  readCheckpoint,
  readCut,
} from "./checkpoint.ts";
import { type AuditEntry, beginning, sha256 } from "./entry.ts";
import type { AuditSigner, AuditVerifier } from "./key.ts";

/**
 * `changed`: the text does not have its hash. `missing`: entries are gone. `added`: there are entries where none may be.
 * `moved`: it stands at another place than it says. `unlinked`: it does not follow the entry before. `forged`: the gateway did
 * not write it. `checkpoint`: a signed statement does not hold. `head`: what is said of the end was changed. `outside`: it is not
 * what a checkpoint from outside says. `noticed`: the gateway found the trail's end changed, and wrote that here.
 */
export type ProblemKind =
  | "changed"
  | "missing"
  | "added"
  | "moved"
  | "unlinked"
  | "forged"
  | "checkpoint"
  | "head"
  | "outside"
  | "noticed";

export interface Problem {
  readonly kind: ProblemKind;
  /** The first bad entry; of missing ones, the first of them. */
  readonly seq: number;
  readonly message: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly entries: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly last_hash: string | null;
  /** Signed checkpoints that hold, and the last entry that one of them covers. */
  readonly checkpoints: number;
  readonly signed_through: number;
  /** Checkpoints from outside that hold. */
  readonly outside_checkpoints: number;
  /** What retention has removed from the beginning: the last entry of it. */
  readonly removed_through: number;
  readonly kid: string | null;
  readonly problem: Problem | null;
}

/** What is verified. */
export interface Evidence {
  readonly rows: AsyncIterable<AuditRow> | Iterable<AuditRow>;
  /** The cut that the first row follows. */
  readonly cut: Cut | null;
  /** What is said of the end; absent where nothing is (an export). */
  readonly end?: { readonly head: AuditHead | null };
  /** An export may begin anywhere. */
  readonly anywhere?: boolean;
}

export interface Checks {
  readonly verifier: AuditVerifier;
  /** Checks the macs too; null for whoever has not the key. */
  readonly signer: AuditSigner | null;
  /** Checkpoints that were kept outside. */
  readonly outside?: readonly Checkpoint[];
}

/** Walks it all. Stops at the first problem. */
export async function verifyEvidence({ rows, cut, end, anywhere }: Evidence, checks: Checks): Promise<Verification> {
  const { verifier, outside = [] } = checks;
  const start: Place = cut === null ? beginning : cut;
  const walk = createWalk(start, checks);
  const finish = (problem: Problem | null): Verification => ({
    ...walk.summary(),
    ok: problem === null,
    kid: verifier.kid,
    removed_through: start.seq,
    problem,
  });

  const badCheckpoint = outside.find((one) => !isSigned(one, verifier));
  if (badCheckpoint !== undefined) {
    const message = `The checkpoint of entry ${badCheckpoint.seq} that was given is not signed by this trail's key.`;
    return finish({ kind: "outside", seq: badCheckpoint.seq, message });
  }
  let first = true;
  for await (const row of rows) {
    if (first && anywhere) walk.startAt(row);
    first = false;
    const problem = walk.step(row);
    if (problem !== null) return finish(problem);
  }
  const last = walk.place();
  if (end !== undefined) {
    const problem = checkEnd(last, end.head, checks.signer);
    if (problem !== null) return finish(problem);
  }
  const beyond = outside.find(({ seq }) => seq > last.seq);
  if (beyond !== undefined && !anywhere) {
    const message = `Entries up to ${beyond.seq} were there when a checkpoint was signed on ${beyond.at}, and are gone.`;
    return finish({ kind: "missing", seq: last.seq + 1, message });
  }
  return finish(null);
}

interface Walk {
  /** Takes the next row to be the first one. */
  startAt(row: AuditRow): void;
  step(row: AuditRow): Problem | null;
  place(): Place;
  summary(): Pick<
    Verification,
    "entries" | "first_seq" | "last_seq" | "last_hash" | "checkpoints" | "signed_through" | "outside_checkpoints"
  >;
}

function createWalk(start: Place, { verifier, signer, outside = [] }: Checks): Walk {
  let last: Place = start;
  let firstSeq: number | null = null;
  let entries = 0;
  let checkpoints = 0;
  let signedThrough = 0;
  let outsideHold = 0;
  /** What the next checkpoint must name; null while that is not known. */
  let previous: { readonly hash: string | null } | null = start.seq === 0 ? { hash: null } : null;
  const said = new Map(outside.map((one) => [one.seq, one]));
  if (said.get(start.seq)?.hash === start.hash) outsideHold++;

  function check(row: AuditRow): Problem | null {
    const { seq, body, hash, mac } = row;
    const problem = (kind: ProblemKind, message: string, at = seq): Problem => ({ kind, seq: at, message });
    const due = last.seq + 1;
    if (seq > due) {
      return problem(
        "missing",
        seq === due + 1 ? `Entry ${due} is missing.` : `Entries ${due} to ${seq - 1} are missing.`,
        due,
      );
    }
    if (seq < due) return problem("added", `Entry ${seq} stands where none may be.`);
    if (sha256(body) !== hash) return problem("changed", `Entry ${seq} was changed: its text does not have its hash.`);
    const entry = parse(body);
    if (entry === null) return problem("changed", `Entry ${seq} was changed: it is no entry.`);
    if (entry.seq !== seq) return problem("moved", `Entry ${seq} says that it is entry ${entry.seq}.`);
    if (entry.prev !== last.hash) return problem("unlinked", `Entry ${seq} does not follow the entry before it.`);
    if (signer !== null && signer.mac("entry", hash) !== mac) {
      return problem("forged", `Entry ${seq} was not written by this gateway: its mac is wrong.`);
    }
    if (entry.action === checkpointAction) {
      const wrong = checkCheckpoint(entry);
      if (wrong !== null) return problem("checkpoint", `The checkpoint in entry ${seq} ${wrong}.`);
    }
    if (entry.action === cutAction) {
      const cut = readCut(entry.after);
      if (cut === null || !isSigned(cut, verifier))
        return problem("checkpoint", `The cut in entry ${seq} is not signed.`);
    }
    const other = said.get(seq);
    if (other !== undefined && other.hash !== hash) {
      return problem("outside", `Entry ${seq} is not the one that a checkpoint was signed over on ${other.at}.`);
    }
    if (other !== undefined) outsideHold++;
    if (entry.action === "audit.broken") {
      const found = (entry.after as { readonly found?: unknown } | undefined)?.found;
      return problem(
        "noticed",
        `Before entry ${seq} was written, the gateway found the trail tampered with: ${String(found)}.`,
      );
    }
    return null;
  }

  function checkCheckpoint(entry: AuditEntry): string | null {
    const checkpoint = readCheckpoint(entry.after);
    if (checkpoint === null || !isSigned(checkpoint, verifier)) return "is not signed by this trail's key";
    if (checkpoint.seq !== last.seq || checkpoint.hash !== last.hash) return "is not about the entry before it";
    if (previous !== null && checkpoint.previous !== previous.hash) return "does not name the checkpoint before it";
    previous = { hash: checkpointHash(checkpoint) };
    checkpoints++;
    signedThrough = checkpoint.seq;
    return null;
  }

  return {
    startAt({ seq, body }) {
      last = { seq: seq - 1, hash: parse(body)?.prev ?? "" };
      if (seq !== 1) previous = null;
    },
    step(row) {
      const problem = check(row);
      if (problem !== null) return problem;
      firstSeq ??= row.seq;
      entries++;
      last = { seq: row.seq, hash: row.hash };
      return null;
    },
    place: () => last,
    summary: () => ({
      entries,
      first_seq: firstSeq,
      last_seq: entries === 0 ? null : last.seq,
      last_hash: entries === 0 ? null : last.hash,
      checkpoints,
      signed_through: signedThrough,
      outside_checkpoints: outsideHold,
    }),
  };
}

function checkEnd(last: Place, head: AuditHead | null, signer: AuditSigner | null): Problem | null {
  if (head === null) return { kind: "head", seq: last.seq + 1, message: "What was said of the trail's end is gone." };
  if (head.seq > last.seq) {
    return {
      kind: "missing",
      seq: last.seq + 1,
      message: `Entries ${last.seq + 1} to ${head.seq} are missing at the end.`,
    };
  }
  if (head.seq < last.seq) {
    return { kind: "added", seq: head.seq + 1, message: `The trail ended with entry ${head.seq}; more was added.` };
  }
  const genuine = head.hash === last.hash && (signer === null || head.mac === signer.mac("head", headText(head)));
  return genuine ? null : { kind: "head", seq: last.seq, message: "What is said of the trail's end was changed." };
}

function parse(body: string): AuditEntry | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as AuditEntry) : null;
  } catch {
    return null;
  }
}

const pageSize = 500;
/** An entry takes some 20 µs: after so many, others have their turn. */
const entriesOfATurn = 50;

/** The entries of a store after one of them up to another one, page by page. */
export async function* rowsOf(
  store: Pick<AuditStore, "scan">,
  afterSeq: number,
  throughSeq: number,
): AsyncGenerator<AuditRow> {
  for (let after = afterSeq; ; ) {
    const page = await store.scan(after, pageSize);
    for (const [nth, row] of page.entries()) {
      if (row.seq > throughSeq) return;
      yield row;
      if ((nth + 1) % entriesOfATurn === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

/** Verifies what stands in a store. What is added while it walks is left for the next time. */
export async function verifyStore(
  store: AuditStore,
  signer: AuditSigner,
  outside: readonly Checkpoint[] = [],
): Promise<Verification> {
  for (let tries = 1; ; tries++) {
    const cut = await lastCut(store, signer);
    const { head, last } = await store.end();
    // Everything that there was at this moment, wherever somebody may have put it.
    const rows = rowsOf(store, Number.MIN_SAFE_INTEGER, last?.seq ?? 0);
    const result = await verifyEvidence({ rows, cut, end: { head } }, { verifier: signer, signer, outside });
    const meanwhile = await lastCut(store, signer);
    // Retention may have removed the beginning under our feet.
    if (result.ok || meanwhile?.seq === cut?.seq || tries === 3) return result;
  }
}

/** The last cut that stands in the trail and that the trail's key has signed. */
export async function lastCut(store: Pick<AuditStore, "latest">, verifier: AuditVerifier): Promise<Cut | null> {
  const row = await store.latest(cutAction);
  const cut = row === null ? null : readCut(parse(row.body)?.after);
  return cut !== null && isSigned(cut, verifier) ? cut : null;
}
