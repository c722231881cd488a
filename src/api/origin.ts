// Where a request comes from, for the trail.
import type { AuditEvent } from "../audit/event.ts";
import { clientAddress } from "../limits/addresses.ts";
import type { Asking } from "./asking.ts";
import type { ApiDeps } from "./deps.ts";

export function originOf(
  asking: Asking,
  { peerAddress, trustedProxies }: Pick<ApiDeps, "peerAddress" | "trustedProxies">,
): Pick<AuditEvent, "address" | "userAgent"> {
  const header = (name: string): string | null => asking.req.header(name) ?? null;
  const address = clientAddress(peerAddress(asking), header("x-forwarded-for"), trustedProxies);
  const userAgent = header("user-agent")?.slice(0, 500);
  return { ...(address !== null && { address }), ...(userAgent !== undefined && { userAgent }) };
}
