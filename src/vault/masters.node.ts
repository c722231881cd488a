// Which master keys and KMS this process was given: one that wraps from now on, and former ones that still unwrap.
import type { Environment } from "../../providers/define.ts";
import type { Config } from "../config.ts";
import type { GivenMasters } from "./keyring.ts";
import { kmsOf } from "./kms/index.ts";
import { findMasterKey, findPreviousMasterKey, loadMasterKey } from "./master-key.node.ts";
import { referencesOfMachine } from "./references/machine.node.ts";
import { kmsWrapper, masterKeyWrapper, type Wrapper } from "./wrapper.ts";

export interface MastersPlace {
  readonly config: Pick<Config, "masterKey" | "masterKeyPrevious" | "kms" | "kmsPrevious">;
  /** The data folder; null when nothing is kept. */
  readonly folder: string | null;
  readonly env: Environment;
  readonly warn: (message: string) => void;
}

/**
 * With TURNPIKE_KMS a master key that is there counts as a former one; without it, one is made where there is none.
 * @throws ConfigError when a setting can't be used.
 */
export async function loadMasters({ config, folder, env, warn }: MastersPlace): Promise<GivenMasters> {
  const place = { configured: config.masterKey, folder, warn };
  // Clients of KMS hold no lease.
  const host = { ...referencesOfMachine(env, { maxAgeMs: null }), onLeasesEnd: () => {} };
  const present = config.kms === null ? loadMasterKey(place) : findMasterKey(place);
  const before = findPreviousMasterKey({ ...place, configured: config.masterKeyPrevious });
  const previous: Wrapper[] = [];
  if (before !== null) previous.push(masterKeyWrapper(before, "the previous master key"));
  if (config.kmsPrevious !== null) {
    previous.push(kmsWrapper(await kmsOf(config.kmsPrevious, "TURNPIKE_KMS_PREVIOUS", host)));
  }
  const own = present === null ? null : masterKeyWrapper(present, "the master key");
  const masterKeys = [present, before].filter((key) => key !== null);
  if (config.kms === null && own !== null) return { current: own, previous, masterKeys };
  const kms = kmsWrapper(await kmsOf(config.kms ?? "", "TURNPIKE_KMS", host));
  return { current: kms, previous: own === null ? previous : [own, ...previous], masterKeys };
}
