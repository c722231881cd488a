// The secrets that a process was given by its environment, which no line of its log may hold.
import { type KnownSecrets, knownSecrets } from "./log-known.ts";

const secretName = /(^|_)(key|keys|apikey|secret|token|password|passwd|credentials?)(_|$)/i;
/** Those that only name where a secret is, or speak of keys. */
const harmlessName = /(_FILE|_PATH|_URL|_URI|_ENDPOINT|_NAMES|_TTL|_ID)$|^TURNPIKE_KEY_NAMES$/i;

/** Makes the values of all variables known whose names say that they are secret. */
export function knowEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  known: KnownSecrets = knownSecrets,
): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && secretName.test(name) && !harmlessName.test(name)) known.add(value);
  }
}
