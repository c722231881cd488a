// Tokens of workloads as bearers: where a rule takes one, it is the secret of a key from then on.
import { GatewayError } from "../errors.ts";
import { Denial } from "../identity/denial.ts";
import type { Origin } from "../identity/workloads.ts";
import { looksLikeToken } from "../keys/token.ts";
import type { KeyEntry } from "../store/port.ts";
import type { ApiDeps } from "./deps.ts";

/**
 * The key that a token which no key has yet is the secret of from now on; null for what is no token.
 * @throws GatewayError saying why no rule takes it.
 */
export async function adopted(
  secret: string,
  origin: Origin,
  { workloads, ring }: Pick<ApiDeps, "workloads" | "ring">,
): Promise<KeyEntry | null> {
  if (!looksLikeToken(secret)) return null;
  try {
    await workloads.adopt(secret, origin);
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    const { code, message, retryAfterMs } = error;
    throw new GatewayError(code, message, { retryAfterMs, cause: error });
  }
  return ring.lookup(secret);
}
