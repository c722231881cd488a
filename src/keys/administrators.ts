// Administrators: recognises their keys wherever one is shown, and slows down those who guess.
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { AdminRecord, AdminStore } from "../store/port-admins.ts";
import { type Digest, sameDigest } from "./digest.ts";
import { parseKey } from "./format.ts";
import { createThrottle } from "./throttle.ts";

export interface Administrators {
  /**
   * Who holds this key; null when nobody does.
   * @param address of the caller: after too many failures it is told to wait.
   * @throws GatewayError `rate_limit_exceeded`.
   */
  recognise(secret: string, address: string): Promise<AdminRecord | null>;
}

export interface AdministratorsDeps {
  readonly admins: AdminStore;
  readonly digest: Digest;
  readonly clock: Clock;
}

/** Make one for an installation: its failures are counted together, whichever surface they come to. */
export function createAdministrators({ admins, digest: digestOf, clock }: AdministratorsDeps): Administrators {
  const throttle = createThrottle(clock);
  return {
    async recognise(secret, address) {
      const digest = parseKey(secret)?.kind === "admin" ? digestOf(secret) : null;
      const admin = digest === null ? null : await admins.findByDigest(digest);
      if (admin !== null && digest !== null && sameDigest(admin.digest, digest) && admin.revokedAtMs === null) {
        return admin;
      }
      const retryAfterMs = throttle.failed(address);
      if (retryAfterMs === null) return null;
      throw new GatewayError("rate_limit_exceeded", "Too many failed attempts. Wait a while.", { retryAfterMs });
    },
  };
}
