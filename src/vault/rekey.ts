// Rekeying: everything that a former master key wraps comes under the present one, step by step, while calls go on.
import { randomBytes } from "node:crypto";
import type { CredentialVersion, KeyringStore } from "../store/port-credentials.ts";
import { aboutVersion, type Kek, rewrapped } from "./envelope.ts";
import {
  aboutKey,
  claim,
  type KeyringDeps,
  kekId,
  kekNumber,
  type Masters,
  newest,
  rootId,
  unwrapped,
} from "./keyring.ts";

export interface Rekeyed {
  /** Keys of the installation that were wrapped anew. */
  readonly keys: number;
  /** Data keys that were wrapped anew. */
  readonly dataKeys: number;
}

export interface RekeyOptions extends KeyringDeps {
  /** Makes another key-encryption key though the master key is the same. */
  readonly renew?: boolean;
  /** Data keys that are wrapped in one transaction; 100 when absent. */
  readonly batch?: number;
  /** Told after each step. */
  readonly onStep?: (done: Rekeyed) => void;
}

/**
 * Wraps the keyring by `masters.current`. Each step is one transaction that can be repeated, and says by itself whether it was done:
 * whoever is killed in the middle of it begins anew and goes on from there. Contents are not touched.
 * @throws ConfigError when a key was wrapped by none of `masters`.
 */
export async function rekey(options: RekeyOptions): Promise<Rekeyed> {
  const { store, masters, batch = 100, onStep } = options;
  let done: Rekeyed = { keys: 0, dataKeys: 0 };
  const step = (more: Partial<Rekeyed>): void => {
    done = { keys: done.keys + (more.keys ?? 0), dataKeys: done.dataKeys + (more.dataKeys ?? 0) };
    onStep?.(done);
  };
  const root = (await store.list()).find(({ id }) => id === rootId);
  if (root !== undefined && root.wrapper !== masters.current.id) {
    const key = await unwrapped(root, masters);
    const wrapped = await masters.current.wrap(key, aboutKey(rootId));
    await store.rewrap(rootId, root.wrapper, { wrapper: masters.current.id, wrapped });
    key.fill(0);
    step({ keys: 1 });
  }
  const to = await activeKek(options, () => step({ keys: 1 }));
  const keks = await openKeks(options);
  for (;;) {
    const versions = await store.wrappedByOthers(to.id, batch);
    if (versions.length === 0) break;
    await store.rewrapDataKeys(versions.map((version) => moved(version, keks, to)));
    step({ dataKeys: versions.length });
  }
  for (const id of keks.keys()) if (id !== to.id) await store.removeUnused(id);
  return done;
}

/** The key-encryption key to move to: the newest if the present master wraps it, else one more. */
async function activeKek(options: RekeyOptions, made: () => void): Promise<Kek> {
  const { store, masters, renew = false } = options;
  const rows = (await store.list()).filter(({ id }) => kekNumber(id) !== null);
  const numbers = rows.map(({ id }) => kekNumber(id) ?? 0);
  const last = Math.max(0, ...numbers);
  const current = rows.find(({ id }) => id === kekId(last));
  // One that is being moved to already, from an older one, is what a killed run has made.
  const begun = rows.length > 1;
  if (current?.wrapper !== masters.current.id || (renew && !begun)) {
    await claim(kekId(last + 1), randomBytes(32), options);
    made();
  }
  const active = newest([...(await openKeks(options)).values()]);
  if (active === null) throw new Error("the keyring has no key-encryption key");
  return active;
}

async function openKeks({ store, masters }: KeyringDeps): Promise<ReadonlyMap<string, Kek>> {
  const keks = new Map<string, Kek>();
  for (const row of await store.list()) {
    if (kekNumber(row.id) !== null) keks.set(row.id, { id: row.id, key: await unwrapped(row, masters) });
  }
  return keks;
}

function moved({ credentialId, version, envelope }: CredentialVersion, keks: ReadonlyMap<string, Kek>, to: Kek) {
  const from = keks.get(envelope?.kekId ?? "");
  if (envelope === null || from === undefined)
    throw new Error(`${credentialId} is sealed under a key that is not there`);
  return {
    credentialId,
    version,
    from: from.id,
    to: rewrapped(envelope, aboutVersion(credentialId, version), { from, to }),
  };
}

/** How the keyring stands. */
export interface VaultStatus {
  /** The master key or KMS of this process. */
  readonly master: string;
  readonly keys: readonly {
    readonly id: string;
    readonly wrapper: string;
    readonly createdAtMs: number;
    readonly dataKeys: number;
  }[];
  /** Whether something is still wrapped by a former master key, or under a former key. */
  readonly rekeyDue: boolean;
  /** Whether another process has moved keys to a master key that this one was not given. */
  readonly restartDue: boolean;
}

export async function vaultStatus(store: KeyringStore, { current, previous }: Masters): Promise<VaultStatus> {
  const uses = await store.uses();
  const keys = (await store.list()).map(({ id, wrapper, createdAtMs }) => ({
    id,
    wrapper,
    createdAtMs,
    dataKeys: uses.get(id) ?? 0,
  }));
  const keks = keys.filter(({ id }) => kekNumber(id) !== null);
  const isFormer = (wrapper: string): boolean => previous.some(({ id }) => id === wrapper);
  return {
    master: current.id,
    keys,
    rekeyDue: keks.length > 1 || keys.some(({ wrapper }) => isFormer(wrapper)),
    restartDue: keys.some(({ wrapper }) => wrapper !== current.id && !isFormer(wrapper)),
  };
}
