// Administrators who sign in elsewhere: let in by their groups, with the role that the settings give to these, at each login anew.
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { issueAdmin } from "../keys/administrators.ts";
import type { Digest } from "../keys/digest.ts";
import type { AdminRecord, AdminStore, SessionStore } from "../store/port-admins.ts";
import type { Identity } from "./oidc.ts";
import type { OidcSettings } from "./settings.ts";

export interface FederatedDeps {
  readonly admins: AdminStore;
  readonly sessions: SessionStore;
  readonly digest: Digest;
  readonly clock: Clock;
}

/**
 * The administrator that somebody is, made at the first login. Who is let in no longer loses the sessions that are left.
 * @throws GatewayError `permission_denied` with the reason.
 */
export async function admitIdentity(
  deps: FederatedDeps,
  settings: OidcSettings,
  identity: Identity,
): Promise<AdminRecord> {
  const { admins, sessions } = deps;
  const known = await admins.findByIdentity(settings.name, identity.subject);
  const role = roleOf(settings, identity);
  if (role === null) {
    if (known !== null) await sessions.removeOf(known.id);
    throw new GatewayError(
      "permission_denied",
      "You are known to the identity provider, but may not administer this gateway.",
    );
  }
  const { email } = identity;
  const name = (identity.name ?? email ?? identity.subject).replace(/\p{C}/gu, " ").slice(0, 100);
  const said = { name, role, email };
  const id = known?.id ?? (await firstLogin(deps, settings, { ...said, subject: identity.subject }));
  if (known !== null) await admins.update(id, said);
  const admin = await admins.get(id);
  if (admin === null) throw new Error("an administrator vanished while signing in");
  return admin;
}

async function firstLogin(
  deps: FederatedDeps,
  { name: provider }: OidcSettings,
  person: Pick<AdminRecord, "name" | "role" | "email"> & { readonly subject: string },
): Promise<string> {
  const nothingElse = { scope: null, expiresAtMs: null, ipAllow: null, ipDeny: [] };
  try {
    return (await issueAdmin(deps, { ...person, ...nothingElse, provider })).id;
  } catch (error) {
    // Two first logins at the same time: the other one made it.
    const made = await deps.admins.findByIdentity(provider, person.subject);
    if (made === null) throw error;
    return made.id;
  }
}

/** The role of the first group that fits; null when nobody of this sort is let in. */
function roleOf(settings: OidcSettings, { subject, email, emailVerified, groups }: Identity): string | null {
  const { subjects, domains, roles, defaultRole } = settings;
  if (subjects.length > 0 && !subjects.includes(subject)) return null;
  const domain = emailVerified ? (email?.split("@").at(-1)?.toLowerCase() ?? "") : "";
  if (domains.length > 0 && !domains.includes(domain)) return null;
  return roles.find(({ group }) => groups.includes(group))?.role ?? defaultRole;
}
