// What the store keeps to see misuse of keys by, as the rooms above see it.
import type { RefusalRow } from "../observe/refusals.ts";

export type RefusalGroup = "key" | "customer" | "project" | "code" | "hour" | "day";

export interface RefusalQuery {
  readonly groupBy: readonly RefusalGroup[];
  /** Hours that begin from this time (inclusive) to `toMs` (exclusive). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly keyId?: string;
  readonly customer?: string;
  readonly project?: string;
  readonly code?: string;
}

export interface RefusalGroupRow {
  /** The group's values, by group name; an hour is `YYYY-MM-DDTHH:00:00Z`, a day `YYYY-MM-DD`; a key is empty where nobody knows it. */
  readonly group: Readonly<Partial<Record<RefusalGroup, string>>>;
  readonly refused: number;
}

export interface RefusalStore {
  /** Adds to what is counted already. */
  add(rows: readonly RefusalRow[]): Promise<void>;
  /** Most first. */
  list(query: RefusalQuery): Promise<readonly RefusalGroupRow[]>;
  /** Forgets hours that began before this time. */
  sweep(beforeMs: number): Promise<void>;
}

/** A network that a key was used from, as a keyed digest. */
export interface NetworkUse {
  readonly keyId: string;
  readonly network: string;
  readonly atMs: number;
}

/** How a key's networks stand. */
export interface NetworkCount {
  readonly keyId: string;
  /** Networks that it was first used from since the time that was asked for. */
  readonly fresh: number;
  /** Networks that it was used from before. */
  readonly known: number;
}

export interface NetworkStore {
  /** Notes when keys were last used from networks, and first. */
  note(uses: readonly NetworkUse[]): Promise<void>;
  /** Of the keys that at least so many networks are new of since a time. */
  fresh(sinceMs: number, least: number): Promise<readonly NetworkCount[]>;
  /** Forgets networks that were last used before this time. */
  sweep(beforeMs: number): Promise<void>;
}
