// That the master key belongs to the database: with another one, every key would silently be unknown.
import { ConfigError } from "../config.ts";
import type { MetaStore } from "../store/port.ts";
import type { Digest } from "./digest.ts";

/**
 * Leaves the master key's mark in the database on first use, and compares it ever after.
 * @throws ConfigError when the database was made under another master key.
 */
export async function checkMasterKey(meta: MetaStore, digest: Digest): Promise<void> {
  const mark = digest("turnpike master key check");
  if ((await meta.claim("master_key_check", mark)) === mark) return;
  throw new ConfigError(
    "The master key is not the one that this database was made with, so no key in it would be known. " +
      "Give back the former TURNPIKE_MASTER_KEY, or the file master.key beside the database.",
  );
}
