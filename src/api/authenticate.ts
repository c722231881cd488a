// Who calls: finds the key in a request's headers, and only there.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { KeyRecord } from "../store/port.ts";
import type { ApiDeps } from "./deps.ts";

/**
 * The key of the caller.
 * @throws GatewayError as `presentedSecret`, and what the key ring refuses with.
 */
export async function authenticate(
  header: HeaderLookup,
  url: URL,
  { ring, running }: Pick<ApiDeps, "ring" | "running">,
): Promise<KeyRecord> {
  if (running.closing) throw new GatewayError("shutting_down", "This gateway is stopping. Try again.");
  const secret = presentedSecret(header, url);
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
