// What the trail is told of callers who were refused: which key, as far as it may be shown, from where, and why.
import type { AuditActor } from "../audit/event.ts";
import { GatewayError } from "../errors.ts";
import { hintOf, parseKey } from "../keys/format.ts";
import { presentedSecret } from "../keys/presented.ts";
import { clientAddress } from "../limits/addresses.ts";
import type { Asking } from "./asking.ts";
import type { ApiDeps } from "./deps.ts";

type Deps = Pick<ApiDeps, "trail" | "peerAddress" | "trustedProxies">;

/** Tells of a refused authentication, and makes nobody wait. What is no refusal is not told of. @param keyId whose key it was, if known. */
export function tellOfRefusal(error: unknown, c: Asking, deps: Deps, keyId: string | null): void {
  if (!(error instanceof GatewayError) || !isRefusal(error)) return;
  const header = (name: string): string | null => c.req.header(name) ?? null;
  const address = clientAddress(deps.peerAddress(c), header("x-forwarded-for"), deps.trustedProxies);
  const userAgent = header("user-agent");
  const actor: AuditActor = keyId === null ? { type: "anonymous", id: "" } : { type: "key", id: keyId };
  const hint = hintOfPresented(header, c.req.url);
  deps.trail.fold({
    action: "key.authenticate",
    actor,
    target: keyId === null ? null : { type: "key", id: keyId },
    outcome: "denied",
    reason: error.code,
    ...(address !== null && { address }),
    ...(userAgent !== null && { userAgent }),
    ...(hint !== null && { hint }),
  });
}

function isRefusal({ status, code }: GatewayError): boolean {
  return (
    status === 401 || status === 403 || status === 429 || code === "key_in_url" || code === "ambiguous_credentials"
  );
}

/** Null for what has not the shape of a key: it may be anything, somebody's password included. */
function hintOfPresented(header: (name: string) => string | null, url: string): string | null {
  try {
    const secret = presentedSecret(header, url);
    return parseKey(secret) === null ? null : hintOf(secret);
  } catch {
    return null;
  }
}
