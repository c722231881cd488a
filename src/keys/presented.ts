// The secret that a request presents: found in its headers, and only there.
import { GatewayError } from "../errors.ts";

/** Query parameters in which clients of other services carry keys. A URL ends up in logs, so a key there is refused. */
const keyParameters = ["key", "api_key", "apikey", "api-key", "access_token", "token"];

/**
 * The secret that a request carries in `Authorization: Bearer`, `x-api-key` or `x-goog-api-key`.
 * @param header looks up a request header by its lower-case name.
 * @throws GatewayError `key_in_url`, `ambiguous_credentials`, `invalid_api_key`.
 */
export function presentedSecret(header: (name: string) => string | null, url: string): string {
  refuseKeyInUrl(url);
  const bearer = bearerOf(header("authorization"));
  const apiKey = header("x-api-key");
  const googleKey = header("x-goog-api-key");
  const secret = bearer || apiKey || googleKey;
  if (!secret) {
    throw new GatewayError(
      "invalid_api_key",
      "No key was sent. Send yours as `Authorization: Bearer tp_…` (or `x-api-key`, or `x-goog-api-key`).",
    );
  }
  if ((apiKey && apiKey !== secret) || (googleKey && googleKey !== secret)) {
    throw new GatewayError("ambiguous_credentials", "The request carries two different keys. Send one.");
  }
  return secret;
}

function bearerOf(authorization: string | null): string | null {
  return authorization !== null && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : null;
}

function refuseKeyInUrl(url: string): void {
  const query = url.indexOf("?");
  if (query === -1) return;
  const parameters = new URLSearchParams(url.slice(query + 1));
  if (!keyParameters.some((name) => parameters.get(name)?.startsWith("tp_"))) return;
  throw new GatewayError(
    "key_in_url",
    "A key was sent in the URL, where logs can keep it. Send it as `Authorization: Bearer`, and rotate this one.",
  );
}
