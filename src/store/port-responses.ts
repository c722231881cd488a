// What the store keeps of the responses API, as the rooms above see it: responses to which a later call may refer.

/** One response that a later call may refer to. */
export interface ResponseRecord {
  /** `resp_…`, as the client was told it. */
  readonly id: string;
  readonly customer: string;
  readonly keyId: string;
  /** The response that it goes on from; null where it begins a conversation, and for those that a provider keeps. */
  readonly previousId: string | null;
  /** The connection whose provider keeps its content; null when it is kept here. */
  readonly keeper: string | null;
  /** How long the items of its turn are as JSON, UTF-16 units; 0 where a provider keeps them. */
  readonly length: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface ResponseStore {
  /**
   * Writes a response, and lets the earlier ones of its conversation expire no sooner than it. False, and nothing is written, when
   * there is one with this id.
   * @param sealed its content, encrypted; null where a provider keeps it.
   */
  put(record: ResponseRecord, sealed: Uint8Array | null): Promise<boolean>;
  /** Those of these ids that the customer has, in no order, expired ones included. */
  find(customer: string, ids: readonly string[]): Promise<readonly ResponseRecord[]>;
  /** The response and those before it, the latest first, at most so many; it ends where one is missing. */
  chain(customer: string, id: string, most: number): Promise<readonly ResponseRecord[]>;
  /** The contents of these ids, by id, as far as they are kept here. */
  contents(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** False when the customer has no such response. */
  remove(customer: string, id: string): Promise<boolean>;
  /** Removes at most so many of those that have expired; resolves to how many those were. */
  sweep(nowMs: number, most: number): Promise<number>;
}
