// Evidence for auditors: who holds which access, and what of it is overdue, unused or over. Nothing in it is a secret.
import type { AuditTrail } from "../audit/trail.ts";
import { type Verification, verifyStore } from "../audit/verify.ts";
import type { KeyRecord, Store } from "../store/port.ts";
import { actionName } from "./audit-actions.ts";
import { type Control, controls, type EvidenceId } from "./audit-controls.ts";
import { endpoints, type Method } from "./endpoints.ts";
import { keyView, rotationDueAtMs } from "./key-view.ts";
import { accessOf, builtInRoles } from "./roles-access.ts";

export interface Finding {
  readonly id: EvidenceId;
  readonly title: string;
  readonly subjects: readonly { readonly id: string; readonly name: string; readonly detail: string }[];
}

type Row = Readonly<Record<string, unknown>>;

export interface Evidence {
  readonly object: "audit_report";
  readonly generated_at: string;
  /** What was looked at for use: from here on. */
  readonly used_since: string;
  readonly trail: Verification;
  readonly administrators: readonly Row[];
  readonly roles: readonly Row[];
  readonly keys: readonly Row[];
  /** There are more keys than are listed; findings are of the listed ones. */
  readonly keys_truncated: boolean;
  readonly credentials: readonly Row[];
  readonly findings: readonly Finding[];
  readonly controls: readonly Control[];
}

export interface EvidenceDeps {
  readonly store: Store;
  readonly trail: Pick<AuditTrail, "signer">;
  readonly nowMs: number;
}

const dayMs = 86_400_000;
const unusedDays = 90;
/** A provider's key that stands longer than this is told of. */
const oldDays = 365;
const mostKeys = 10_000;

/** Reads it all, and verifies the trail. */
export async function collectEvidence({ store, trail, nowMs }: EvidenceDeps): Promise<Evidence> {
  const sinceMs = nowMs - unusedDays * dayMs;
  const verification = await verifyStore(store.audit, trail.signer);
  const admins = await administratorsOf(store, sinceMs);
  const { keys, truncated } = await keysOf(store);
  const credentials = await credentialsOf(store, nowMs);
  return {
    object: "audit_report",
    generated_at: new Date(nowMs).toISOString(),
    used_since: new Date(sinceMs).toISOString(),
    trail: verification,
    administrators: admins,
    roles: await rolesOf(store),
    keys: keys.map(keyView),
    keys_truncated: truncated,
    credentials,
    findings: [
      ...findingsOfKeys(keys, nowMs, sinceMs),
      ...findingsOfAdmins(admins, nowMs, sinceMs),
      ...findingsOfCredentials(credentials, nowMs),
    ].filter(({ subjects }) => subjects.length > 0),
    controls,
  };
}

type AdminRow = Awaited<ReturnType<typeof administratorsOf>>[number];

async function administratorsOf(store: Store, sinceMs: number) {
  const admins = await store.admins.list();
  return Promise.all(
    admins.map(async (admin) => {
      const access = await accessOf(admin, store.roles);
      const totp = await store.factors.totp(admin.id);
      const passkeys = await store.factors.passkeys(admin.id);
      const used = new Set<string>(
        (await store.audit.actionsOf(admin.id, sinceMs)).flatMap((action) => demandOf.get(action) ?? []),
      );
      const writes = [...access.permissions].filter((permission) => permission.endsWith(":write"));
      return {
        id: admin.id,
        name: admin.name,
        role: admin.role,
        scope: access.scope,
        status: admin.revokedAtMs === null ? admin.status : "revoked",
        signs_in_at: admin.provider,
        second_factors: [...(totp?.confirmedAtMs ? ["totp"] : []), ...passkeys.map(() => "passkey")],
        created_at: iso(admin.createdAtMs),
        created_by: admin.createdBy,
        key_since: iso(admin.rotatedAtMs ?? admin.createdAtMs),
        expires_at: iso(admin.expiresAtMs),
        last_used_at: iso(admin.lastUsedAtMs),
        permissions: [...access.permissions].sort(),
        /** Rights to change that it has not made use of; what was only read is not told of in the trail. */
        unused_permissions: writes.filter((permission) => !used.has(permission)).sort(),
      };
    }),
  );
}

/** What an action of the trail demands. */
const demandOf: ReadonlyMap<string, string> = new Map(
  Object.entries(endpoints).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, permission]) => [actionName(method as Method, path), permission] as const),
  ),
);

async function rolesOf({ roles }: Store): Promise<readonly Row[]> {
  const builtIn = Object.entries(builtInRoles).map(([name, role]) => ({ name, built_in: true, scope: null, ...role }));
  const custom = (await roles.list()).map(({ name, description, permissions, scope, secondFactor }) => {
    return { name, built_in: false, scope, description, permissions, second_factor: secondFactor };
  });
  return [...builtIn, ...custom];
}

async function keysOf({ keys }: Store): Promise<{ readonly keys: readonly KeyRecord[]; readonly truncated: boolean }> {
  const found: KeyRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof keys.list>> = await keys.list({
      limit: 1_000,
      ...(cursor !== null && { cursor }),
    });
    found.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < mostKeys);
  return { keys: found, truncated: cursor !== null };
}

async function credentialsOf({ credentials }: Store, nowMs: number) {
  const versions = await credentials.versions();
  return (await credentials.list()).map((credential) => {
    const current = versions.find(
      ({ credentialId, version }) => credentialId === credential.id && version === credential.version,
    );
    const sinceMs = current?.createdAtMs ?? credential.createdAtMs;
    return {
      id: credential.id,
      name: credential.name,
      provider: credential.provider,
      customer: credential.customer,
      enabled: credential.enabled,
      hint: current?.hint ?? null,
      /** Where the value stands, if not here. */
      reference: current?.reference ?? null,
      version: credential.version,
      value_since: iso(sinceMs),
      age_days: Math.floor((nowMs - sinceMs) / dayMs),
      expires_at: iso(credential.expiresAtMs),
    };
  });
}

function findingsOfKeys(keys: readonly KeyRecord[], nowMs: number, sinceMs: number): readonly Finding[] {
  const standing = keys.filter(({ status }) => status !== "revoked");
  const active = standing.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs);
  const finding = (
    id: EvidenceId,
    title: string,
    of: readonly KeyRecord[],
    detail: (key: KeyRecord) => string,
  ): Finding => ({
    id,
    title,
    subjects: of.map((key) => ({
      id: key.id,
      name: `${key.name} (${key.customer}/${key.project})`,
      detail: detail(key),
    })),
  });
  const due = (key: KeyRecord): boolean => (rotationDueAtMs(key) ?? Number.POSITIVE_INFINITY) <= nowMs;
  return [
    finding(
      "keys_past_rotation",
      "Keys past their rotation",
      active.filter(due),
      (key) => `due since ${iso(rotationDueAtMs(key))}`,
    ),
    finding(
      "keys_never_used",
      "Keys that were never used",
      active.filter(({ lastUsedAtMs }) => lastUsedAtMs === null),
      ({ createdAtMs }) => `made ${iso(createdAtMs)}`,
    ),
    finding(
      "keys_unused",
      `Keys unused for ${unusedDays} days`,
      active.filter(({ lastUsedAtMs }) => lastUsedAtMs !== null && lastUsedAtMs < sinceMs),
      ({ lastUsedAtMs }) => `last used ${iso(lastUsedAtMs)}`,
    ),
    finding(
      "keys_expired_not_revoked",
      "Keys that have expired and are not revoked",
      standing.filter(({ expiresAtMs }) => expiresAtMs !== null && expiresAtMs <= nowMs),
      ({ expiresAtMs }) => `expired ${iso(expiresAtMs)}`,
    ),
    finding(
      "keys_without_limits",
      "Keys without a policy of their own and without an expiry",
      active.filter(({ policy, expiresAtMs }) => Object.keys(policy).length === 0 && expiresAtMs === null),
      () => "policies of its customer and project may limit it",
    ),
  ];
}

function findingsOfAdmins(admins: readonly AdminRow[], nowMs: number, sinceMs: number): readonly Finding[] {
  const standing = admins.filter(({ status }) => status !== "revoked");
  const finding = (
    id: EvidenceId,
    title: string,
    of: readonly AdminRow[],
    detail: (admin: AdminRow) => string,
  ): Finding => ({
    id,
    title,
    subjects: of.map((admin) => ({ id: admin.id, name: `${admin.name} (${admin.role})`, detail: detail(admin) })),
  });
  const before = (text: string | null, ms: number): boolean => text !== null && Date.parse(text) < ms;
  return [
    finding(
      "administrators_unused",
      `Administrators unused for ${unusedDays} days`,
      standing.filter(({ last_used_at, created_at }) => before(last_used_at ?? created_at, sinceMs)),
      ({ last_used_at }) => (last_used_at === null ? "never used" : `last used ${last_used_at}`),
    ),
    finding(
      "administrators_expired_not_revoked",
      "Administrators that have expired and are not revoked",
      standing.filter(({ expires_at }) => before(expires_at, nowMs)),
      ({ expires_at }) => `expired ${expires_at}`,
    ),
    finding(
      "administrators_without_second_factor",
      "Local administrators without a second factor",
      standing.filter(({ second_factors, signs_in_at }) => second_factors.length === 0 && signs_in_at === null),
      () => "holds a key alone",
    ),
    finding(
      "privileges_unused",
      `Rights to change that were not used for ${unusedDays} days`,
      standing.filter(({ unused_permissions }) => unused_permissions.length > 0),
      ({ unused_permissions }) => unused_permissions.join(", "),
    ),
  ];
}

type CredentialRow = Awaited<ReturnType<typeof credentialsOf>>[number];

function findingsOfCredentials(credentials: readonly CredentialRow[], nowMs: number): readonly Finding[] {
  const finding = (
    id: EvidenceId,
    title: string,
    of: readonly CredentialRow[],
    detail: (row: CredentialRow) => string,
  ): Finding => ({
    id,
    title,
    subjects: of.map((row) => ({ id: row.id, name: `${row.name} (${row.provider})`, detail: detail(row) })),
  });
  const enabled = credentials.filter((row) => row.enabled);
  return [
    finding(
      "credentials_old",
      `Provider keys that have stood for more than ${oldDays} days`,
      enabled.filter(({ age_days, reference }) => age_days > oldDays && reference === null),
      ({ age_days }) => `${age_days} days`,
    ),
    finding(
      "credentials_expired",
      "Provider keys that have expired and are still enabled",
      enabled.filter(({ expires_at }) => expires_at !== null && Date.parse(expires_at) <= nowMs),
      ({ expires_at }) => `expired ${expires_at}`,
    ),
  ];
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
