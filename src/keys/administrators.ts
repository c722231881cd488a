// Administrators: recognises their keys wherever one is shown, slows down those who guess, and gives out new keys.
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { addresses } from "../limits/addresses.ts";
import type { AdminRecord, AdminStore, NewAdmin } from "../store/port-admins.ts";
import { type Digest, sameDigest } from "./digest.ts";
import { generateAdminKey, hintOf, parseKey } from "./format.ts";
import { newId } from "./id.ts";
import { invalidApiKey, keyExpired, keySuspended, secretReplaced } from "./refusal.ts";
import { createThrottle } from "./throttle.ts";

export interface Administrators {
  /**
   * Who holds this key; null when nobody does.
   * @param address of the caller: after too many failures it is told to wait.
   * @throws GatewayError `rate_limit_exceeded`, and to the right holder what `checkStanding` does.
   */
  recognise(secret: string, address: string): Promise<AdminRecord | null>;
}

export interface AdministratorsDeps {
  readonly admins: AdminStore;
  readonly digest: Digest;
  readonly clock: Clock;
}

const hourMs = 3_600_000;
/** How far behind `lastUsedAtMs` may be. */
const usedEveryMs = 60_000;

/** Make one for an installation: its failures are counted together, whichever surface they come to. */
export function createAdministrators({ admins, digest: digestOf, clock }: AdministratorsDeps): Administrators {
  const throttle = createThrottle(clock);
  return {
    async recognise(secret, address) {
      const digest = parseKey(secret)?.kind === "admin" ? digestOf(secret) : null;
      const admin = digest === null ? null : await admins.findByDigest(digest);
      if (admin !== null && digest !== null && admin.revokedAtMs === null) {
        const nowMs = clock.now();
        if (!sameDigest(admin.digest, digest)) checkOverlap(admin, nowMs);
        checkStanding(admin, address, nowMs);
        await noteUse(admin, admins, nowMs);
        return admin;
      }
      const retryAfterMs = throttle.failed(address);
      if (retryAfterMs === null) return null;
      throw new GatewayError("rate_limit_exceeded", "Too many failed attempts. Wait a while.", { retryAfterMs });
    },
  };
}

function checkOverlap({ oldExpiresAtMs, rotatedAtMs }: AdminRecord, nowMs: number): void {
  const endedAtMs = oldExpiresAtMs ?? 0;
  if (endedAtMs <= nowMs) throw secretReplaced(rotatedAtMs, endedAtMs);
}

/**
 * Whether somebody who is known may come in, now and from there.
 * @throws GatewayError `invalid_api_key` when revoked, `key_suspended`, `key_expired`, `ip_not_allowed`.
 */
export function checkStanding(admin: AdminRecord, address: string | null, nowMs: number): void {
  if (admin.revokedAtMs !== null) throw invalidApiKey();
  if (admin.status === "suspended") throw keySuspended();
  if (admin.expiresAtMs !== null && admin.expiresAtMs <= nowMs) throw keyExpired();
  if (!addresses({ allow: admin.ipAllow, deny: admin.ipDeny }).allows(address)) {
    throw new GatewayError("ip_not_allowed", "This administrator may not come from this address.");
  }
}

/** Notes when an administrator was last there, once a minute. */
export async function noteUse(admin: AdminRecord, admins: AdminStore, nowMs: number): Promise<void> {
  if (nowMs - (admin.lastUsedAtMs ?? 0) < usedEveryMs) return;
  // A database that takes no writes is no reason to keep out those who would mend it.
  await admins.touch(admin.id, nowMs).catch(() => {});
}

/** What is chosen for a new administrator. */
export type AdminRequest = Pick<AdminRecord, "name" | "role" | "scope" | "expiresAtMs" | "ipAllow" | "ipDeny"> &
  Partial<Pick<AdminRecord, "createdBy" | "provider" | "subject" | "email">>;

/** Makes and stores an administrator; resolves to it with its key, to be shown once, or to nobody where it signs in elsewhere. */
export async function issueAdmin(
  { admins, digest, clock }: AdministratorsDeps,
  request: AdminRequest,
): Promise<{ readonly id: string; readonly secret: string }> {
  const secret = generateAdminKey();
  const createdAtMs = clock.now();
  const id = newId("adm", createdAtMs);
  const admin: NewAdmin = {
    ...request,
    id,
    hint: request.provider == null ? hintOf(secret) : "",
    digest: digest(secret),
    createdAtMs,
  };
  await admins.create(admin);
  return { id, secret };
}

/** Gives an administrator a new key beside its old one; resolves to it, or to null when there is no such administrator. */
export async function rotateAdmin(
  { admins, digest, clock }: AdministratorsDeps,
  id: string,
  overlapHours: number,
): Promise<string | null> {
  const admin = await admins.get(id);
  if (admin === null) return null;
  const secret = generateAdminKey();
  const rotatedAtMs = clock.now();
  await admins.update(id, {
    digest: digest(secret),
    hint: hintOf(secret),
    oldDigest: admin.digest,
    oldExpiresAtMs: rotatedAtMs + overlapHours * hourMs,
    rotatedAtMs,
  });
  return secret;
}
