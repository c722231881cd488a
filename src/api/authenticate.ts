// Who calls: finds the key in a request's headers, and only there.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { KeyRing } from "../keys/ring.ts";
import type { KeyRecord } from "../store/port.ts";

/**
 * The key of the caller.
 * @throws GatewayError as `presentedSecret`, and what the key ring refuses with.
 */
export async function authenticate(header: HeaderLookup, url: URL, ring: KeyRing): Promise<KeyRecord> {
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
