// The ring of keys in memory: who may come in, decided without the database for every key seen before.
import { hash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { KeyEntry, KeyStore, LastUse } from "../store/port.ts";
import { randomBase62 } from "./base62.ts";
import { type Digest, sameDigest } from "./digest.ts";
import { maxKeyLength, parseKey } from "./format.ts";
import { keyExpired, keyIdle, keySuspended, refusing, secretReplaced } from "./refusal.ts";
import { looksLikeToken } from "./token.ts";

export interface KeyRingOptions {
  readonly keys: KeyStore;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Told of failures in the background; the next round tries again. */
  readonly onError: (error: unknown) => void;
  /** How many known keys, and as many unknown ones, are remembered. */
  readonly capacity?: number;
}

/** How often a watching ring looks for changes by other processes. */
const watchMs = 200;
/** A ring that has not looked for this long looks before it answers: a revoked key is refused within this time. */
const staleAfterMs = 500;
/** How often the times of last use are written. */
const touchMs = 5_000;
const dayMs = 86_400_000;

/**
 * Admission by key. A remembered key is answered at once, without a promise. A key that changes is forgotten, whether it
 * changed here (`forget`) or in another process (the store's epoch), and read again when next used.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #capacity: number;
  /** Places in memory are a hash that only this process can compute: they hold no secret, and nobody can steer them. */
  readonly #salt = randomBase62(22);
  readonly #known = new Map<string, KeyEntry>();
  /** Well-formed keys that do not exist. Apart from the known ones, so that guesses can't push those out. */
  readonly #unknown = new Set<string>();
  /** By digest of the secret. */
  readonly #lastUsed = new Map<string, LastUse>();
  /** By key: what an idle key is told by before the store has been written to. */
  readonly #usedAtMs = new Map<string, number>();
  #watch: NodeJS.Timeout | null = null;
  /** Counts changes: what was read before one is not remembered after it. */
  #generation = 0;
  #epoch: number | null = null;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #touchedAtMs: number;
  #checking: Promise<void> | null = null;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 100_000;
    this.#touchedAtMs = options.clock.monotonic();
  }

  /** Looks for changes in the background from now on, so that no caller has to wait for it. Without it, callers look. */
  watch(): void {
    this.#watch ??= setInterval(() => void this.#check().catch(this.#options.onError), watchMs).unref();
  }

  /**
   * The key that this secret opens, if it may be used now; null when it is malformed, unknown or revoked, which nobody
   * is told apart. At once for a key that is remembered, else a promise.
   * @throws GatewayError `key_expired` or `key_suspended`, for the right secret of such a key; `gateway_overloaded`
   * (rejected) when the store can't be asked whether the key still stands.
   */
  lookup(secret: string): KeyEntry | null | Promise<KeyEntry | null> {
    if (secret.length > maxKeyLength && !looksLikeToken(secret)) return null;
    const fresh = this.#options.clock.monotonic() - this.#checkedAtMs <= staleAfterMs;
    return fresh ? this.#find(secret) : this.#checkAndFind(secret);
  }

  /** Forgets a key that has changed. */
  forget(keyId: string): void {
    this.#forget(new Set([keyId]));
  }

  /** Forgets the keys of a customer, or of one of its projects: what is said of those has changed. */
  forgetOf(customer: string, project: string | null): void {
    this.#generation++;
    for (const [place, { key }] of this.#known) {
      if (key.customer === customer && (project === null || key.project === project)) this.#known.delete(place);
    }
  }

  /** Stops watching, and writes the last times of use. */
  async close(): Promise<void> {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    await this.#writeLastUsed();
  }

  #find(secret: string): KeyEntry | null | Promise<KeyEntry | null> {
    const place = hash("sha256", this.#salt + secret, "base64");
    const known = this.#known.get(place);
    if (known !== undefined) return this.#admit(known);
    if (this.#unknown.has(place)) return null;
    if (parseKey(secret)?.kind !== "customer" && !looksLikeToken(secret)) return null;
    return this.#read(secret, place);
  }

  async #checkAndFind(secret: string): Promise<KeyEntry | null> {
    await this.#check().catch(storeFailed);
    return this.#find(secret);
  }

  async #read(secret: string, place: string): Promise<KeyEntry | null> {
    const generation = this.#generation;
    const digest = this.#options.digest(secret);
    const found = await this.#options.keys.findByDigest(digest).catch(storeFailed);
    if (generation !== this.#generation) return this.#find(secret);
    if (found === null || !sameDigest(found.secret.digest, digest)) {
      makeRoom(this.#unknown, this.#capacity);
      this.#unknown.add(place);
      return null;
    }
    makeRoom(this.#known, this.#capacity);
    makeRoom(this.#usedAtMs, this.#capacity);
    this.#known.set(place, found);
    return this.#admit(found);
  }

  #admit(entry: KeyEntry): KeyEntry | null {
    const { key, secret } = entry;
    const now = this.#options.clock.now();
    if (key.status === "revoked") return null;
    if (key.status === "suspended") throw refusing(keySuspended(), entry);
    if (key.expiresAtMs !== null && key.expiresAtMs <= now) throw refusing(keyExpired(), entry);
    if (secret.expiresAtMs !== null && secret.expiresAtMs <= now)
      throw refusing(secretReplaced(key.rotatedAtMs, secret.expiresAtMs), entry);
    if (key.idleDays !== null && this.#idleMs(entry, now) > key.idleDays * dayMs)
      throw refusing(keyIdle(key.idleDays), entry);
    this.#lastUsed.set(secret.digest, { keyId: key.id, atMs: now });
    this.#usedAtMs.set(key.id, now);
    return entry;
  }

  /** How long a key was not used, as far as this process and the store at the last reading know. */
  #idleMs({ key }: KeyEntry, now: number): number {
    return now - Math.max(key.createdAtMs, key.lastUsedAtMs ?? 0, this.#usedAtMs.get(key.id) ?? 0);
  }

  /** Asks the store whether any key has changed; all who ask at once share one question. */
  #check(): Promise<void> {
    this.#checking ??= this.#askEpoch().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #askEpoch(): Promise<void> {
    const askedAtMs = this.#options.clock.monotonic();
    const epoch = await this.#options.keys.epoch();
    if (epoch !== this.#epoch) {
      // An epoch that went back is another database's (a backup was put in place): nothing remembered holds.
      const known =
        this.#epoch === null || epoch < this.#epoch ? null : await this.#options.keys.changedSince(this.#epoch);
      this.#forget(known === null ? null : new Set(known));
      this.#epoch = epoch;
    }
    this.#checkedAtMs = askedAtMs;
    if (askedAtMs - this.#touchedAtMs < touchMs) return;
    this.#touchedAtMs = askedAtMs;
    await this.#writeLastUsed().catch(this.#options.onError);
  }

  /** Forgets these keys, or all of them, and what was unknown until now. */
  #forget(keyIds: ReadonlySet<string> | null): void {
    this.#generation++;
    this.#unknown.clear();
    for (const [place, { key }] of this.#known) if (keyIds === null || keyIds.has(key.id)) this.#known.delete(place);
  }

  async #writeLastUsed(): Promise<void> {
    const used = new Map(this.#lastUsed);
    this.#lastUsed.clear();
    try {
      await this.#options.keys.touch(used);
    } catch (error) {
      for (const [digest, use] of used) if (!this.#lastUsed.has(digest)) this.#lastUsed.set(digest, use);
      throw error;
    }
  }
}

/** A key that can't be checked is not let in: whether it was revoked is unknown. */
function storeFailed(cause: unknown): never {
  throw new GatewayError("gateway_overloaded", "API keys can't be checked at the moment.", { cause });
}

/** Forgets the oldest entry when the memory is full. */
function makeRoom(memory: Map<string, unknown> | Set<string>, capacity: number): void {
  if (memory.size < capacity) return;
  const oldest = memory.keys().next();
  if (oldest.done !== true) memory.delete(oldest.value);
}
