// That the master key belongs to the database: with another one, every key would silently be unknown.
import { ConfigError } from "../config.ts";
import type { MetaStore } from "../store/port.ts";
import { createDigest, type Digest } from "./digest.ts";

const name = "master_key_check";
const markOf = (digest: Digest): string => digest("turnpike master key check");

/**
 * Leaves the master key's mark in the database on first use, and compares it ever after.
 * @throws ConfigError when the database was made under another master key.
 */
export async function checkMasterKey(meta: MetaStore, digest: Digest): Promise<void> {
  const mark = markOf(digest);
  if ((await meta.claim(name, mark)) !== mark) throw anotherMasterKey();
}

/**
 * Which of these master keys a database was made with that has no keyring yet: what hangs on it goes on hanging on it, whatever
 * the master key is from then on. Null for a new database.
 * @throws ConfigError when it is none of them.
 */
export async function foundingKey(meta: MetaStore, masterKeys: readonly Uint8Array[]): Promise<Uint8Array | null> {
  const mark = await meta.get(name);
  if (mark === null) return null;
  const found = masterKeys.find((key) => markOf(createDigest(key)) === mark);
  if (found === undefined) throw anotherMasterKey();
  return found;
}

function anotherMasterKey(): ConfigError {
  return new ConfigError(
    "The master key is not the one that this database was made with, so no key in it would be known. " +
      "Give back the former TURNPIKE_MASTER_KEY, or the file master.key beside the database.",
  );
}
