// How a key is refused. One answer for everything that must not be told apart.
import { GatewayError } from "../errors.ts";

/** Missing, malformed, unknown and revoked keys get this same answer, so that it tells a stranger nothing. */
export function invalidApiKey(): GatewayError {
  return new GatewayError("invalid_api_key", "Incorrect API key provided.");
}

/** Only for whoever holds the right secret. */
export function keyExpired(): GatewayError {
  return new GatewayError("key_expired", "This API key has expired.");
}

/** Only for whoever holds the right secret. */
export function keySuspended(): GatewayError {
  return new GatewayError("key_suspended", "This API key is suspended.");
}
