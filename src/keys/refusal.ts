// How a key is refused. One answer for everything that must not be told apart.
import { GatewayError } from "../errors.ts";
import type { KeyEntry } from "../store/port.ts";

/** Missing, malformed, unknown and revoked keys get this same answer, so that it tells a stranger nothing. */
export function invalidApiKey(): GatewayError {
  return new GatewayError("invalid_api_key", "Incorrect API key provided.");
}

/** Only for whoever holds the right secret. */
export function keyExpired(): GatewayError {
  return new GatewayError("key_expired", "This API key has expired.");
}

/** Only for whoever holds a secret that was right before a rotation. */
export function secretReplaced(rotatedAtMs: number | null, endedAtMs: number): GatewayError {
  const day = (atMs: number): string => new Date(atMs).toISOString();
  const when = rotatedAtMs === null ? "" : ` on ${day(rotatedAtMs)}`;
  return new GatewayError(
    "key_expired",
    `This API key was rotated${when}: its old secret stopped working on ${day(endedAtMs)}. Use the new one.`,
  );
}

/** Only for whoever holds the right secret. */
export function keyIdle(days: number): GatewayError {
  return new GatewayError("key_expired", `This API key was not used for more than ${days} days, and has expired.`);
}

const refusedEntries = new WeakMap<GatewayError, KeyEntry>();

/** The refusal of a key that was recognised, with what is known of it, for whoever answers or counts. */
export function refusing(error: GatewayError, entry: KeyEntry): GatewayError {
  refusedEntries.set(error, entry);
  return error;
}

/** Which key an error refuses; null where that is not known. */
export function refusedEntry(error: unknown): KeyEntry | null {
  return error instanceof GatewayError ? (refusedEntries.get(error) ?? null) : null;
}

/** Only for whoever holds the right secret. */
export function keySuspended(): GatewayError {
  return new GatewayError("key_suspended", "This API key is suspended.");
}
