// Tokens of workloads as bearers: where a rule takes one, it is the secret of a key from then on.
import { GatewayError } from "../errors.ts";
import { Denial } from "../identity/denial.ts";
import type { Origin } from "../identity/workloads.ts";
import { looksLikeToken } from "../keys/token.ts";
import { networkOf } from "../limits/addresses.ts";
import type { KeyEntry } from "../store/port.ts";
import type { ApiDeps } from "./deps.ts";

/**
 * The key that a token which no key has yet is the secret of from now on; null for what is no token.
 * @throws GatewayError saying why no rule takes it; `rate_limit_exceeded` after too many of those.
 */
export async function adopted(
  secret: string,
  origin: Origin,
  { workloads, ring, failures }: Pick<ApiDeps, "workloads" | "ring" | "failures">,
): Promise<KeyEntry | null> {
  if (!looksLikeToken(secret)) return null;
  try {
    await workloads.adopt(secret, origin);
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    if (error.error !== "invalid_request") {
      throw new GatewayError(error.code, error.message, { retryAfterMs: error.retryAfterMs, cause: error });
    }
    const retryAfterMs = failures.failed(origin.address === undefined ? "unknown" : networkOf(origin.address));
    if (retryAfterMs === null) throw new GatewayError(error.code, error.message, { cause: error });
    throw new GatewayError("rate_limit_exceeded", "Too many tokens were refused. Wait a while.", { retryAfterMs });
  }
  return ring.lookup(secret);
}
