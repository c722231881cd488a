// An upload: a request's body while it comes in and afterwards. Its beginning is held in memory and the rest in a spool, so
// that it can be sent on while it comes in, and sent once more to another deployment.
import { GatewayError } from "../../errors.ts";
import { Blocks } from "./blocks.ts";
import type { OpenSpool, Spool } from "./spool.ts";

/** What is held in memory; a smaller body never touches the spool. */
export const heldBytes = 1024 * 1024;
/** How far ahead of whoever sends it on it may come in: beyond that the client must wait. */
const aheadBytes = 1024 * 1024;
/** How much is read of the spool at once. */
const pieceBytes = 64 * 1024;

export class Upload {
  readonly #openSpool: OpenSpool;
  readonly #held = new Blocks();
  readonly #cursors = new Set<{ at: number }>();
  #spool: Promise<Spool> | null = null;
  #size = 0;
  #ended = false;
  #failure: GatewayError | null = null;
  #change: PromiseWithResolvers<void> | null = null;
  #watcher: ((failure: GatewayError) => void) | null = null;

  constructor(openSpool: OpenSpool) {
    this.#openSpool = openSpool;
  }

  /** Bytes that have come so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether it has come in whole. */
  get ended(): boolean {
    return this.#ended;
  }

  /** @throws GatewayError when it has failed, or can't be kept. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const fits = Math.min(bytes.length, heldBytes - this.#held.size);
    this.#held.append(bytes.subarray(0, fits));
    if (fits < bytes.length) await this.#keep(bytes.subarray(fits));
    this.#size += bytes.length;
    this.#changed();
  }

  /** `onFailed` is told, once, that the body turned out not to be one that can be sent on. */
  watch(onFailed: (failure: GatewayError) => void): void {
    if (this.#failure === null) this.#watcher = onFailed;
    else onFailed(this.#failure);
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** No more of it comes, and what has come is not to be sent on. */
  fail(failure: GatewayError): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#watcher?.(failure);
    this.#changed();
  }

  /** Nobody needs it any more. */
  close(): void {
    this.#watcher = null;
    this.fail(new GatewayError("internal_error", "The upload is over."));
    // A spool that can't be closed has nothing left that could be done about it.
    void this.#spool?.then((spool) => spool.close()).catch(() => {});
    this.#spool = null;
  }

  /**
   * Resolves when more may come in. While nobody sends it on, that is always.
   * @throws GatewayError when it has failed.
   */
  async room(): Promise<void> {
    while (this.#failure === null && this.#cursors.size > 0 && this.#size - this.#furthest() > aheadBytes) {
      await this.#next();
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * The bytes from one place to another (to the end: null), those included that have not come yet.
   * @param onWait told whether the client is waited for.
   * @throws GatewayError when it fails meanwhile.
   */
  async *read(from: number, to: number | null, onWait: (waiting: boolean) => void): AsyncGenerator<Uint8Array> {
    const cursor = { at: from };
    this.#cursors.add(cursor);
    try {
      while (to === null || cursor.at < to) {
        if (this.#failure !== null) throw this.#failure;
        if (cursor.at >= this.#size) {
          if (this.#ended) return;
          onWait(true);
          await this.#next();
          continue;
        }
        const piece = await this.#piece(cursor.at, Math.min(to ?? this.#size, this.#size) - cursor.at);
        onWait(false);
        yield piece;
        cursor.at += piece.length;
        this.#changed();
      }
    } finally {
      this.#cursors.delete(cursor);
      this.#changed();
    }
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    try {
      this.#spool ??= this.#openSpool();
      await (await this.#spool).append(bytes);
    } catch (cause) {
      throw new GatewayError("gateway_overloaded", "This gateway can't keep a file of this size at the moment.", {
        cause,
      });
    }
  }

  async #piece(at: number, length: number): Promise<Uint8Array> {
    if (at < this.#held.size) return this.#held.read(at, length);
    const spool = await this.#spool;
    if (spool === null) throw this.#failure ?? new Error("bytes beyond what is held are in the spool");
    return spool.read(at - heldBytes, Math.min(length, pieceBytes));
  }

  #furthest(): number {
    let furthest = 0;
    for (const { at } of this.#cursors) furthest = Math.max(furthest, at);
    return furthest;
  }

  #next(): Promise<void> {
    this.#change ??= Promise.withResolvers();
    return this.#change.promise;
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = null;
  }
}
