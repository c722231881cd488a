// Adding, changing, rotating and removing credentials: the same for the admin surface and for the command line.
import { createHmac, hkdfSync } from "node:crypto";
import type { Environment, Provider } from "../../providers/define.ts";
import type { Clock } from "../clock.ts";
import { ConfigError } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../keys/id.ts";
import type {
  CredentialRecord,
  CredentialStore,
  CredentialVersion,
  CredentialChanges as RecordChanges,
} from "../store/port-credentials.ts";
import { formOf } from "../vault/credential-form.ts";
import { aboutVersion } from "../vault/envelope.ts";
import type { Keyring } from "../vault/keyring.ts";
import { readTemplate } from "../vault/references/template.ts";
import { openValue } from "../vault/stored-connections.ts";
import {
  type CredentialPatch,
  type CredentialRequest,
  type CredentialRotation,
  type GivenValue,
  limitsOfRequest,
} from "./credential-request.ts";

export interface CredentialChanges {
  readonly store: CredentialStore;
  readonly keyring: Keyring;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly env: Environment;
  readonly clock: Pick<Clock, "now">;
  /** Puts what is stored in force in this process. */
  refresh(): Promise<void>;
}

/** A value of fewer characters is too much told by its last four. */
const leastShown = 16;
const hourMs = 60 * 60_000;

/** @throws GatewayError `invalid_request` saying what does not fit, `conflict` when the owner has this value already. */
export async function addCredential(request: CredentialRequest, deps: CredentialChanges): Promise<CredentialRecord> {
  const { store, clock } = deps;
  const nowMs = clock.now();
  const provider = providerOf(request.provider, deps);
  if (request.customer === null && (request.fallback !== undefined || request.fee_percent !== undefined)) {
    throw invalid("fallback", "`fallback` and `fee_percent` are said of a customer's own key; name its `customer`");
  }
  const credential: CredentialRecord = {
    id: newId("cred", nowMs),
    provider: provider.id,
    name: request.name,
    customer: request.customer,
    enabled: request.enabled,
    weight: request.weight,
    priority: request.priority,
    models: request.models,
    limits: limitsOfRequest(request.limits),
    baseUrl: withoutSlash(request.base_url),
    variables: request.variables,
    labels: request.labels,
    fallback: request.fallback ?? true,
    feePercent: request.fee_percent ?? "0",
    version: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expiresAtMs: future(request.expires_at, nowMs),
    lastTest: null,
  };
  const text = textOf(request);
  fits(credential, text, request.reference !== undefined, deps);
  await unlessKnown(credential, text, request, deps);
  await sealing(deps, () => store.create(credential, versionOf(credential, text, request, deps)));
  await deps.refresh();
  return credential;
}

/** @throws GatewayError as `addCredential` does; `not_found`. */
export async function updateCredential(
  id: string,
  patch: CredentialPatch,
  deps: CredentialChanges,
): Promise<CredentialRecord> {
  const { store, clock } = deps;
  const before = found(await store.get(id));
  const { base_url, limits, fee_percent, expires_at, fallback, ...same } = patch;
  if (before.customer === null && (fallback !== undefined || fee_percent !== undefined)) {
    throw invalid("fallback", "`fallback` and `fee_percent` are said of a customer's own key alone");
  }
  const nowMs = clock.now();
  const changes: RecordChanges = {
    ...same,
    ...(fallback !== undefined && { fallback }),
    ...(base_url !== undefined && { baseUrl: withoutSlash(base_url) }),
    ...(limits !== undefined && { limits: limitsOfRequest(limits) }),
    ...(fee_percent !== undefined && { feePercent: fee_percent }),
    ...(expires_at !== undefined && { expiresAtMs: future(expires_at, nowMs) }),
  };
  if (patch.variables !== undefined || base_url !== undefined) {
    const after = { ...before, ...(patch.variables && { variables: patch.variables }) };
    await stillFits({ ...after, ...(base_url !== undefined && { baseUrl: withoutSlash(base_url) }) }, deps);
  }
  await store.update(id, changes, nowMs);
  await deps.refresh();
  return found(await store.get(id));
}

/** @throws GatewayError as `addCredential` does; `not_found`; `conflict` when another rotation was faster. */
export async function rotateCredential(
  id: string,
  rotation: CredentialRotation,
  deps: CredentialChanges,
): Promise<CredentialRecord> {
  const { store, clock } = deps;
  const before = found(await store.get(id));
  const next = { ...before, version: before.version + 1 };
  const text = textOf(rotation);
  fits(next, text, rotation.reference !== undefined, deps);
  await unlessKnown(next, text, rotation, deps);
  const oldRetiresAtMs = clock.now() + rotation.overlap_hours * hourMs;
  const done = await sealing(deps, () => store.rotate(versionOf(next, text, rotation, deps), oldRetiresAtMs));
  if (!done)
    throw new GatewayError("conflict", "This credential was rotated or removed at the same moment. Look again.");
  await deps.refresh();
  return found(await store.get(id));
}

/** @throws GatewayError `not_found`. */
export async function removeCredential(id: string, { store, refresh }: CredentialChanges): Promise<void> {
  if (!(await store.remove(id))) throw missing();
  await refresh();
}

export function found(credential: CredentialRecord | null): CredentialRecord {
  if (credential === null) throw missing();
  return credential;
}

/** A value's keyed digest: whoever has the database alone can't confirm a guess. */
export function fingerprintOf(text: string, { root }: Pick<Keyring, "root">): string {
  const key = new Uint8Array(hkdfSync("sha256", root, new Uint8Array(), "turnpike/credential-fingerprint/1", 32));
  return createHmac("sha256", key).update(text).digest("hex");
}

/** The last characters of a value that is long enough; null for others, and for those that are no single key. */
export function hintOfValue(text: string): string | null {
  return text.length >= leastShown && !text.startsWith("{") ? text.slice(-4) : null;
}

/** Another process may have replaced the key that this one seals under: the database refuses it then, and it is looked up. */
async function sealing<T>({ keyring }: CredentialChanges, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!/FOREIGN KEY/i.test(String((error as Error).message))) throw error;
  }
  try {
    await keyring.refresh();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message =
      "The vault was rekeyed by another process, to a master key that this one was not given. Restart it.";
    throw new GatewayError("gateway_overloaded", message, { cause: error });
  }
  return write();
}

function versionOf(
  { id, version }: CredentialRecord,
  text: string,
  given: GivenValue,
  { keyring, clock }: CredentialChanges,
): CredentialVersion {
  const at = { credentialId: id, version, createdAtMs: clock.now(), retiresAtMs: null, destroyedAtMs: null };
  if (given.reference !== undefined) {
    return { ...at, envelope: null, reference: text, fingerprint: null, hint: null };
  }
  const bytes = Buffer.from(text);
  const envelope = keyring.seal(bytes, aboutVersion(id, version));
  bytes.fill(0);
  return { ...at, envelope, reference: null, fingerprint: fingerprintOf(text, keyring), hint: hintOfValue(text) };
}

/** Several variables are kept as a JSON object of them. */
function textOf({ value, values, reference }: GivenValue): string {
  return value ?? reference ?? JSON.stringify(values);
}

/** @throws GatewayError `invalid_request` when the provider makes nothing of the value and the variables. */
function fits(credential: CredentialRecord, text: string, reference: boolean, deps: CredentialChanges): void {
  withoutSecrets(credential, deps);
  if (reference) {
    try {
      readTemplate(text);
    } catch (error) {
      if (error instanceof ConfigError) throw invalid("reference", error.message);
      throw error;
    }
  }
  const { baseUrl, variables } = credential;
  const form = formOf(providerOf(credential.provider, deps), text, { baseUrl, variables, env: deps.env, reference });
  if (typeof form === "string") throw invalid("value", form);
}

/** The same for the value that a credential has; one that does not open is told of elsewhere. */
async function stillFits(credential: CredentialRecord, deps: CredentialChanges): Promise<void> {
  const [current] = await deps.store.versions(credential.id);
  const text = current === undefined ? null : (current.reference ?? (await openValue(current, deps.keyring)));
  if (text === null) withoutSecrets(credential, deps);
  else fits(credential, text, current?.reference !== null, deps);
}

/** What is secret must not stand where it is shown. */
function withoutSecrets({ provider, variables }: CredentialRecord, deps: CredentialChanges): void {
  const { env, secretFile } = providerOf(provider, deps);
  const secret = Object.keys(variables).find(
    (name) => env.includes(name) || name === secretFile?.text || /SECRET|TOKEN|PASSWORD|API_KEY/.test(name),
  );
  if (secret !== undefined) throw invalid("variables", `${secret} holds a secret: give it in \`values\``);
}

async function unlessKnown(
  { id, provider, customer }: CredentialRecord,
  text: string,
  given: GivenValue,
  { store, keyring }: CredentialChanges,
): Promise<void> {
  if (given.reference !== undefined) return;
  const same = (await store.findByFingerprint(fingerprintOf(text, keyring))).find(
    (other) => other.provider === provider && other.customer === customer,
  );
  if (same === undefined) return;
  throw new GatewayError(
    "conflict",
    same.id === id
      ? "This is the value that the credential has, or had until lately."
      : `The credential \`${same.name}\` (${same.id}) has this value already.`,
    { param: "value" },
  );
}

function providerOf(id: string, { providers }: CredentialChanges): Provider {
  const provider = providers.get(id.toLowerCase());
  if (provider === undefined || provider.local !== null) {
    throw invalid(
      "provider",
      `there is no provider \`${id}\` that takes credentials; \`turnpike.yaml\` can describe more`,
    );
  }
  return provider;
}

function future(at: string | null, nowMs: number): number | null {
  if (at === null) return null;
  const atMs = Date.parse(at);
  if (atMs <= nowMs) throw invalid("expires_at", "it is in the past; disable the credential instead");
  return atMs;
}

function withoutSlash(url: string | null): string | null {
  return url === null ? null : url.replace(/\/+$/, "");
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${message}.`, { param });
}

function missing(): GatewayError {
  return new GatewayError("not_found", "There is no stored credential of this id.");
}
