// Opens the vault of an installation: its keyring, and the digest by which its keys are known.
import type { Clock } from "./clock.ts";
import { createDigest, type Digest } from "./keys/digest.ts";
import { checkMasterKey, foundingKey } from "./keys/master-key-check.ts";
import type { Store } from "./store/port.ts";
import { type GivenMasters, type Keyring, type Masters, openKeyring } from "./vault/keyring.ts";

export interface Vault {
  readonly keyring: Keyring;
  readonly masters: Masters;
  /** What is derived from "the master key" is derived from this: it stays when the master key is replaced. */
  readonly masterKey: Uint8Array;
  readonly digest: Digest;
}

/**
 * Opens it, and makes it on first use.
 * @throws ConfigError when the database was made with another master key or KMS than those given.
 */
export async function openVault(
  masters: GivenMasters,
  { store, clock }: { readonly store: Pick<Store, "keyring" | "meta">; readonly clock: Pick<Clock, "now"> },
): Promise<Vault> {
  const keyring = await openKeyring({
    store: store.keyring,
    masters,
    now: () => clock.now(),
    founding: () => foundingKey(store.meta, masters.masterKeys),
  });
  const digest = createDigest(keyring.root);
  await checkMasterKey(store.meta, digest);
  return { keyring, masters, masterKey: keyring.root, digest };
}
