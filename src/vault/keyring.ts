// The keyring: the installation's own keys, which lie in the database wrapped by the master key or a KMS, and in memory while it runs.
import { randomBytes } from "node:crypto";
import { ConfigError } from "../config.ts";
import type { Envelope, KeyringStore, WrappedKey } from "../store/port-credentials.ts";
import { type Kek, openEnvelope, sealEnvelope } from "./envelope.ts";
import type { Wrapper } from "./wrapper.ts";

/** The wrappers that this process has been given. */
export interface Masters {
  /** Wraps whatever is wrapped from now on. */
  readonly current: Wrapper;
  /** Former ones, which still unwrap until the vault is rekeyed. */
  readonly previous: readonly Wrapper[];
}

export interface GivenMasters extends Masters {
  /** Those of them that are master keys, as bytes: a database from before the keyring hangs on one. */
  readonly masterKeys: readonly Uint8Array[];
}

export interface Keyring {
  /**
   * What everything of the installation is derived from that must outlive a master key: the pepper of the digests of customers'
   * keys, the keys of stored contents. It never changes.
   */
  readonly root: Uint8Array;
  seal(content: Uint8Array, about: string): Envelope;
  /** @throws UnknownKek, after which `refresh` may help; Error when the envelope was changed. */
  open(envelope: Envelope, about: string): Uint8Array;
  /** Takes up keys that another process has made. Rejects as `openKeyring` does. */
  refresh(): Promise<void>;
}

/** The key that an envelope needs was made since the keyring was read, or is none of this installation's. */
export class UnknownKek extends Error {
  override readonly name = "UnknownKek";
}

export const rootId = "root";

export function kekId(number: number): string {
  return `kek_${number}`;
}

/** The number of a key-encryption key; null for another key. */
export function kekNumber(id: string): number | null {
  const [, number] = /^kek_(\d+)$/.exec(id) ?? [];
  return number === undefined ? null : Number(number);
}

export interface KeyringDeps {
  readonly store: KeyringStore;
  readonly masters: Masters;
  now(): number;
}

export interface OpenKeyringDeps extends KeyringDeps {
  /** The root of an installation that has no keyring yet: null makes a random one. */
  founding(): Promise<Uint8Array | null>;
}

/**
 * Opens the keyring, and makes it on first use: of several processes that do so at once, all get the same.
 * @throws ConfigError when a key was wrapped by a master key or a KMS that this process was not given.
 */
export async function openKeyring(deps: OpenKeyringDeps): Promise<Keyring> {
  const { store } = deps;
  const present = new Set((await store.list()).map(({ id }) => id));
  if (!present.has(rootId)) await claim(rootId, (await deps.founding()) ?? randomBytes(32), deps);
  if (![...present].some((id) => kekNumber(id) !== null)) await claim(kekId(1), randomBytes(32), deps);
  let keks = new Map<string, Kek>();
  let active: Kek | null = null;
  let root: Uint8Array | null = null;

  async function refresh(): Promise<void> {
    const keys = await store.list();
    const opened = new Map<string, Kek>();
    for (const wrapped of keys) {
      if (wrapped.id === rootId) root ??= await unwrapped(wrapped, deps.masters);
      else
        opened.set(wrapped.id, keks.get(wrapped.id) ?? { id: wrapped.id, key: await unwrapped(wrapped, deps.masters) });
    }
    keks = opened;
    active = newest([...opened.values()]);
  }

  await refresh();
  if (root === null || active === null) throw new Error("the keyring in the database is not complete");
  return {
    root,
    seal: (content, about) => {
      if (active === null) throw new Error("the keyring has no key-encryption key");
      return sealEnvelope(content, about, active);
    },
    open: (envelope, about) => {
      const kek = keks.get(envelope.kekId);
      if (kek === undefined) throw new UnknownKek(`there is no key ${envelope.kekId} here`);
      return openEnvelope(envelope, about, kek);
    },
    refresh,
  };
}

/** Wraps a new key and writes it, unless another process was faster. */
export async function claim(id: string, key: Uint8Array, { store, masters, now }: KeyringDeps): Promise<void> {
  const { current } = masters;
  const wrapped = await current.wrap(key, aboutKey(id));
  await store.claim({ id, wrapper: current.id, wrapped, createdAtMs: now() });
}

/** @throws ConfigError when it was wrapped by something else, or does not unwrap. */
export async function unwrapped({ id, wrapper, wrapped }: WrappedKey, masters: Masters): Promise<Uint8Array> {
  const master = [masters.current, ...masters.previous].find((one) => one.id === wrapper);
  if (master === undefined) throw new ConfigError(unknownMaster(wrapper, masters));
  try {
    return await master.unwrap(wrapped, aboutKey(id));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `The key ${id} of the keyring can't be unwrapped by ${master.place}: the database was changed.`,
    );
  }
}

function unknownMaster(wrapper: string, { current }: Masters): string {
  const how = wrapper.startsWith("master-key:")
    ? "give it back as TURNPIKE_MASTER_KEY, or the file master.key beside the database"
    : `set TURNPIKE_KMS to ${wrapper}`;
  const before = wrapper.startsWith("master-key:") ? "TURNPIKE_MASTER_KEY_PREVIOUS" : "TURNPIKE_KMS_PREVIOUS";
  return (
    `The master key is not the one that this database was made with: its keys are wrapped by ${wrapper}, and this is ` +
    `${current.id}. To go on, ${how}. To change over, set ${before} to the former one and run \`turnpike vault rekey\`.`
  );
}

/** What a key is wrapped about. */
export function aboutKey(id: string): string {
  return `turnpike keyring ${id}`;
}

export function newest(keks: readonly Kek[]): Kek | null {
  const number = ({ id }: Kek): number => kekNumber(id) ?? 0;
  return keks.reduce<Kek | null>((last, kek) => (last === null || number(kek) > number(last) ? kek : last), null);
}
