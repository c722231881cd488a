// The master key: 32 bytes from which the installation's other keys are derived.
import { ConfigError } from "../config.ts";
import { knownSecrets } from "../observe/log-known.ts";

const length = 32;

/**
 * Reads a master key from its text.
 * @throws ConfigError when it is not base64 of 32 bytes. The message never repeats it.
 */
export function parseMasterKey(text: string, source: string): Uint8Array {
  const trimmed = text.trim();
  const bytes = /^[A-Za-z0-9+/_-]*={0,2}$/.test(trimmed) ? Buffer.from(trimmed, "base64") : null;
  if (bytes?.length !== length) {
    throw new ConfigError(`${source}: expected 32 bytes in base64, as \`openssl rand -base64 32\` makes them`);
  }
  return known(new Uint8Array(bytes));
}

/** A new master key. */
export function generateMasterKey(): Uint8Array {
  return known(crypto.getRandomValues(new Uint8Array(length)));
}

/** A master key as text: base64, what `parseMasterKey` reads. */
export function formatMasterKey(key: Uint8Array): string {
  return Buffer.from(key).toString("base64");
}

/** No line of the log can hold it from here on. */
function known(key: Uint8Array): Uint8Array {
  knownSecrets.add(formatMasterKey(key));
  knownSecrets.add(Buffer.from(key).toString("hex"));
  return key;
}
