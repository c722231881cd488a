// A credential as administrators see it: everything but its value.
import { z } from "@hono/zod-openapi";
import type { Measures } from "../router/measures.ts";
import type { CredentialRecord, CredentialVersion } from "../store/port-credentials.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Keyring } from "../vault/keyring.ts";
import { fingerprintOf, hintOfValue } from "./credential-changes.ts";
import { credentialPatch, limitsToRequest } from "./credential-request.ts";
import { timestamp } from "./schemas.ts";

export const versionSchema = z
  .object({
    object: z.literal("credential_version"),
    version: z.int(),
    state: z.enum(["current", "retiring", "destroyed"]),
    hint: z.string().nullable(),
    fingerprint: z.string().nullable(),
    reference: z.string().nullable(),
    created_at: timestamp,
    retires_at: timestamp.nullable(),
    destroyed_at: timestamp.nullable(),
  })
  .openapi("CredentialVersion");

export const credentialSchema = z
  .object({
    ...credentialPatch.required().shape,
    id: z.string(),
    object: z.literal("credential"),
    provider: z.string(),
    source: z.enum(["stored", "environment", "file"]).openapi({
      description: "`environment` and `file` (turnpike.yaml) are read at start, and changed there alone.",
    }),
    customer: z.string().nullable().openapi({ description: "Whose own key it is; null for the installation's." }),
    status: z.enum(["active", "waiting", "disabled", "expired", "unusable"]).openapi({
      description:
        "`waiting`: its secrets manager has not given its value yet, or none that is young enough; no call is sent with it. " +
        "`unusable`: it can't be opened or fits its provider no more. An alert says why.",
    }),
    refused_for: z.string().nullable().openapi({ description: "What its provider refuses it for at the moment." }),
    hint: z.string().nullable().openapi({ description: "The last four characters of a value that is long enough." }),
    fingerprint: z.string().nullable().openapi({ description: "The same for the same value, in this installation." }),
    reference: z.string().nullable(),
    version: z.int().nullable(),
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
    last_test: z.object({ result: z.string(), at: timestamp }).nullable(),
  })
  .openapi("Credential");

export type CredentialView = z.output<typeof credentialSchema>;

export interface CredentialViewing {
  /** Those in force. */
  readonly connections: ReadonlyMap<string, Connection>;
  readonly measures: Measures;
  readonly keyring: Pick<Keyring, "root">;
  readonly nowMs: number;
}

/** How much is shown of a fingerprint. */
const shownFingerprint = 16;

export function credentialView(
  record: CredentialRecord,
  current: CredentialVersion | undefined,
  viewing: CredentialViewing,
): CredentialView {
  return {
    id: record.id,
    object: "credential",
    provider: record.provider,
    name: record.name,
    source: "stored",
    customer: record.customer,
    status: statusOf(record, viewing),
    refused_for: viewing.measures.credentials().get(record.id)?.trouble ?? null,
    enabled: record.enabled,
    weight: record.weight,
    priority: record.priority,
    models: record.models === null ? null : [...record.models],
    limits: limitsToRequest(record.limits),
    base_url: record.baseUrl,
    variables: { ...record.variables },
    labels: { ...record.labels },
    fallback: record.fallback,
    fee_percent: record.feePercent,
    hint: current?.hint ?? null,
    fingerprint: current?.fingerprint?.slice(0, shownFingerprint) ?? null,
    reference: current?.reference ?? null,
    version: record.version,
    expires_at: iso(record.expiresAtMs),
    created_at: iso(record.createdAtMs),
    updated_at: iso(record.updatedAtMs),
    last_test:
      record.lastTest === null
        ? null
        : { result: record.lastTest.result, at: new Date(record.lastTest.atMs).toISOString() },
  };
}

/** Of this machine's environment, or of its configuration file. */
export function configuredView(connection: Connection, viewing: CredentialViewing): CredentialView {
  const { id, provider } = connection;
  const text = textOf(connection);
  return {
    id,
    object: "credential",
    provider: provider.id,
    name: id,
    // What the file describes has its key from there, and no variable that could hold another.
    source: text !== null && provider.env.length === 0 ? "file" : "environment",
    customer: null,
    status: readiness(connection),
    refused_for: viewing.measures.credentials().get(id)?.trouble ?? null,
    enabled: true,
    weight: 1,
    priority: 0,
    models: null,
    limits: {},
    base_url: null,
    variables: {},
    labels: {},
    fallback: true,
    fee_percent: "0",
    hint: text === null ? null : hintOfValue(text),
    fingerprint: text === null ? null : fingerprintOf(text, viewing.keyring).slice(0, shownFingerprint),
    reference: null,
    version: null,
    expires_at: null,
    created_at: null,
    updated_at: null,
    last_test: null,
  };
}

export function versionView(version: CredentialVersion): z.output<typeof versionSchema> {
  const { retiresAtMs, destroyedAtMs } = version;
  return {
    object: "credential_version",
    version: version.version,
    state: destroyedAtMs !== null ? "destroyed" : retiresAtMs === null ? "current" : "retiring",
    hint: version.hint,
    fingerprint: version.fingerprint?.slice(0, shownFingerprint) ?? null,
    reference: version.reference,
    created_at: new Date(version.createdAtMs).toISOString(),
    retires_at: iso(retiresAtMs),
    destroyed_at: iso(destroyedAtMs),
  };
}

function statusOf(
  { id, enabled, expiresAtMs }: CredentialRecord,
  viewing: CredentialViewing,
): CredentialView["status"] {
  if (!enabled) return "disabled";
  if (expiresAtMs !== null && expiresAtMs <= viewing.nowMs) return "expired";
  const connection = viewing.connections.get(id);
  return connection === undefined ? "unusable" : readiness(connection);
}

/** Of one that is in force. */
function readiness({ source }: Connection): "active" | "waiting" {
  return source?.waiting?.() === true ? "waiting" : "active";
}

/** Null for a provider that needs none, and for one that stands elsewhere and was not read yet. */
function textOf(connection: Connection): string | null {
  try {
    return connection.secret?.reveal() ?? null;
  } catch {
    return null;
  }
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
