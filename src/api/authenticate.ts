// Who calls: finds the key in a request's headers, and only there, and checks that it may be used from where it is.
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey, keySuspended } from "../keys/refusal.ts";
import { scopesOf } from "../keys/scopes.ts";
import { clientAddress } from "../limits/addresses.ts";
import { checkCaller } from "../limits/check.ts";
import type { Scope } from "../limits/policy.ts";
import type { KeyRecord } from "../store/port.ts";
import type { ApiDeps } from "./deps.ts";

/** Who calls, and what it must keep to. */
export interface Caller {
  readonly key: KeyRecord;
  readonly scopes: readonly Scope[];
}

/**
 * The caller of a request.
 * @throws GatewayError as `presentedSecret`, what the key ring refuses with, and what `checkCaller` does.
 */
export async function authenticate(
  c: Context,
  { ring, running, limiter, trustedProxies, peerAddress, clock }: ApiDeps,
): Promise<Caller> {
  if (running.closing) throw new GatewayError("shutting_down", "This gateway is stopping. Try again.");
  const header = (name: string): string | null => c.req.header(name) ?? null;
  const secret = presentedSecret(header, new URL(c.req.url));
  if (secret.startsWith("tp_admin_")) {
    throw new GatewayError(
      "permission_denied",
      "This is an administrator's key. It manages keys and can't call models; use a customer's key here.",
    );
  }
  const found = ring.lookup(secret);
  const entry = found instanceof Promise ? await found : found;
  if (entry === null) throw invalidApiKey();
  if (entry.customer?.status === "suspended" || entry.project?.status === "suspended") throw keySuspended();
  const scopes = scopesOf(entry);
  if (!limiter.primed(scopes)) await limiter.prime(scopes);
  checkCaller(scopes, {
    address: clientAddress(peerAddress(c), header("x-forwarded-for"), trustedProxies),
    origin: header("origin"),
    referer: header("referer"),
    nowMs: clock.now(),
  });
  return { key: entry.key, scopes };
}
