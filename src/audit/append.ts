// Appending: events take their places at the end of the chain, one append at a time, whichever processes write.
import type { AuditAppend, AuditEnd, AuditHead, AuditRow } from "../store/port-audit.ts";
import { untilDone } from "./busy.ts";
import { beginning, canonical, entryOf, sha256 } from "./entry.ts";
import type { AuditEvent } from "./event.ts";
import type { AuditSigner } from "./key.ts";

/** The end that an entry follows. */
export type Place = Pick<AuditHead, "seq" | "hash">;

/** One event to be appended. */
export interface Item {
  /** An event; or what there is to say at the very place where it will stand, which may be nothing. */
  readonly event: AuditEvent | ((after: Place) => Promise<AuditEvent | null>);
  /** The intent that it settles. */
  readonly settles?: string;
  /** All entries up to here are removed with it. */
  readonly cutThrough?: number;
}

/** Resolves when all of them are durable. Rejects when none is. */
export type Append = (items: readonly Item[]) => Promise<void>;

export interface AppendDeps {
  readonly store: { end(): Promise<AuditEnd>; append(append: AuditAppend): Promise<boolean> };
  readonly signer: AuditSigner;
  now(): number;
  /** Told when the end of the trail is not as it was left. */
  onBroken(found: string): void;
}

/** Appends on its own: what two callers of one process append at once, they try in turns. */
export function createAppend({ store, signer, now, onBroken }: AppendDeps): Append {
  /** The last end that this process has seen: the trail never becomes shorter than that. */
  let known: Place = beginning;

  async function attempt(items: readonly Item[]): Promise<boolean> {
    const end = await store.end();
    const { place, broken } = judge(end, known, signer);
    const rows: AuditRow[] = [];
    let last: Place = place;
    const add = (event: AuditEvent): void => {
      const body = canonical(entryOf(event, last, now()));
      const hash = sha256(body);
      last = { seq: last.seq + 1, hash };
      rows.push({ ...last, body, mac: signer.mac("entry", hash) });
    };
    if (broken !== null) {
      onBroken(broken);
      add({ ...brokenEvent, after: { found: broken } });
    }
    for (const { event } of items) {
      const said = typeof event === "function" ? await event(last) : event;
      if (said !== null) add(said);
    }
    if (rows.length === 0) return true;
    const settled = items.flatMap(({ settles }) => settles ?? []);
    const cutThrough = items.find((item) => item.cutThrough !== undefined)?.cutThrough;
    const done = await store.append({
      after: end.last?.seq ?? 0,
      rows,
      head: { ...last, mac: signer.mac("head", headText(last)) },
      settled,
      ...(cutThrough !== undefined && { cutThrough }),
    });
    if (done) known = last;
    return done;
  }

  return (items) => untilDone(() => attempt(items));
}

/** Appends together what comes while an append is under way: a hundred changes at once are a few transactions. */
export function inGroups(append: Append, most = 200): Append {
  interface Waiting {
    readonly items: readonly Item[];
    resolve(): void;
    reject(error: unknown): void;
  }
  const waiting: Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.splice(0, most);
      try {
        await append(group.flatMap(({ items }) => items));
        for (const one of group) one.resolve();
      } catch (error) {
        for (const one of group) one.reject(error);
      }
    }
    running = false;
  }

  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (running) return;
      running = true;
      void run();
    });
}

/** What the head's mac is over. */
export function headText({ seq, hash }: Place): string {
  return `${seq}\n${hash}`;
}

const brokenEvent = {
  action: "audit.broken",
  actor: { type: "system", id: "" },
  target: null,
  outcome: "failure",
  reason: "tampered",
} as const;

/**
 * Where the next entry belongs, and what is wrong with the end. Entries that are missing leave a gap: what comes after it must
 * not make the trail look whole again.
 */
function judge(
  { head, last }: AuditEnd,
  known: Place,
  signer: AuditSigner,
): { readonly place: Place; readonly broken: string | null } {
  const furthest = [head ?? beginning, last ?? beginning, known].reduce((a, b) => (b.seq > a.seq ? b : a));
  const place = { seq: furthest.seq, hash: furthest.hash };
  return { place, broken: complaint({ head, last }, known, signer) };
}

function complaint({ head, last }: AuditEnd, known: Place, signer: AuditSigner): string | null {
  if (head === null) return "the head of the trail is gone";
  if (head.mac !== signer.mac("head", headText(head))) return "the head of the trail was changed";
  const { seq, hash } = last ?? beginning;
  if (seq < head.seq) return `entries up to ${head.seq} are gone from the end`;
  if (seq > head.seq) return `entries after ${head.seq} were added by somebody else`;
  if (hash !== head.hash) return `entry ${seq} was replaced`;
  if (head.seq < known.seq) return `entries up to ${known.seq} are gone from the end`;
  if (head.seq === known.seq && head.hash !== known.hash) return `entry ${head.seq} was replaced`;
  return null;
}
