// Who calls: finds the key in a request's headers, and only there.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { KeyRing } from "../keys/ring.ts";
import type { KeyRecord } from "../store/port.ts";

/** Query parameters in which clients of other services carry keys. A URL ends up in logs, so a key there is refused. */
const keyParameters = ["key", "api_key", "apikey", "api-key", "access_token", "token"];

/**
 * The secret that a request carries.
 * @throws GatewayError `key_in_url`, `ambiguous_credentials`, `invalid_api_key`.
 */
export function readCredentials(header: HeaderLookup, url: URL): string {
  for (const name of keyParameters) {
    if (url.searchParams.get(name)?.startsWith("tp_")) {
      throw new GatewayError(
        "key_in_url",
        "A key was sent in the URL, where logs can keep it. Send it as `Authorization: Bearer`, and rotate this one.",
      );
    }
  }
  const authorization = header("authorization");
  const bearer = authorization !== null && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : null;
  const found = [bearer, header("x-api-key"), header("x-goog-api-key")].filter(
    (value): value is string => value !== null && value !== "",
  );
  const [secret, ...others] = found;
  if (secret === undefined) {
    throw new GatewayError(
      "invalid_api_key",
      "No key was sent. Send yours as `Authorization: Bearer tp_…` (or `x-api-key`, or `x-goog-api-key`).",
    );
  }
  if (others.some((other) => other !== secret)) {
    throw new GatewayError("ambiguous_credentials", "The request carries two different keys. Send one.");
  }
  return secret;
}

/**
 * The key of the caller.
 * @throws GatewayError as `readCredentials`, and what the key ring refuses with.
 */
export async function authenticate(header: HeaderLookup, url: URL, ring: KeyRing): Promise<KeyRecord> {
  const secret = readCredentials(header, url);
  if (secret.startsWith("tp_admin_")) {
    throw new GatewayError(
      "permission_denied",
      "This is an administrator's key. It manages keys and can't call models; use a customer's key here.",
    );
  }
  const found = ring.lookup(secret);
  const entry = found instanceof Promise ? await found : found;
  if (entry === null) throw invalidApiKey();
  return entry.key;
}
