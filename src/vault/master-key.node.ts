// Where the master key is on Node: in the environment, else in a file beside the database, made on first start.
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatMasterKey, generateMasterKey, parseMasterKey } from "./master-key.ts";

export interface MasterKeyPlace {
  /** TURNPIKE_MASTER_KEY, or that of the former one; null when it is not set. */
  readonly configured: string | null;
  /** The data folder; null when nothing is kept, and the key lives as long as the process. */
  readonly folder: string | null;
  /** Told what the operator should know: a file was made, or others can read it. */
  readonly warn: (message: string) => void;
}

/** The file of the present master key, and of the one before it while the vault is rekeyed. */
const [fileName, previousName] = ["master.key", "master.key.previous"];

/**
 * The master key that is in use without any being made; null where there is none.
 * @throws ConfigError when what is there is no master key.
 */
export function findMasterKey({ configured, folder, warn }: MasterKeyPlace): Uint8Array | null {
  if (configured !== null) return parseMasterKey(configured, "TURNPIKE_MASTER_KEY");
  return folder === null ? null : readKeyFile(join(folder, fileName), warn);
}

/**
 * The former master key: TURNPIKE_MASTER_KEY_PREVIOUS, else the file `master.key.previous`; null where there is none.
 * @throws ConfigError as `findMasterKey` does.
 */
export function findPreviousMasterKey({ configured, folder, warn }: MasterKeyPlace): Uint8Array | null {
  if (configured !== null) return parseMasterKey(configured, "TURNPIKE_MASTER_KEY_PREVIOUS");
  return folder === null ? null : readKeyFile(join(folder, previousName), warn);
}

/**
 * The installation's master key. Of several processes that start first at once, all get the same one.
 * @throws ConfigError when what is there is no master key.
 */
export function loadMasterKey(place: MasterKeyPlace): Uint8Array {
  const { folder, warn } = place;
  const found = findMasterKey(place);
  if (found !== null) return found;
  return folder === null ? generateMasterKey() : makeKeyFile(join(folder, fileName), folder, warn);
}

function readKeyFile(path: string, warn: (message: string) => void): Uint8Array | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  if (statSync(path).mode & 0o077) warn(`Others on this machine can read ${path}: run chmod 600 on it.`);
  return parseMasterKey(text, path);
}

/** Written aside and linked into place: a reader sees a whole key or none, and only one of two makers succeeds. */
function makeKeyFile(path: string, folder: string, warn: (message: string) => void): Uint8Array {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${formatMasterKey(generateMasterKey())}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, path);
    warn(`Made a master key in ${path}. Keep a copy of it apart from the database: without it no key works any more.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  return parseMasterKey(readFileSync(path, "utf8"), path);
}
