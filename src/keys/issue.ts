// Making a customer's key: the one moment when its secret exists outside its holder's hands.
import type { Clock } from "../clock.ts";
import type { PolicyJson } from "../store/policy.ts";
import type { KeyEnvironment, KeyRecord, KeyStore, RotationPolicy } from "../store/port.ts";
import type { Digest } from "./digest.ts";
import { generateKey, hintOf } from "./format.ts";
import { newId } from "./id.ts";

export interface KeyRequest {
  readonly name: string;
  readonly customer: string;
  readonly project: string;
  readonly environment: KeyEnvironment;
  readonly expiresAtMs: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly policy?: PolicyJson;
  readonly rotation?: RotationPolicy | null;
  readonly idleDays?: number | null;
}

export interface IssuedKey {
  readonly key: KeyRecord;
  /** Shown once, stored nowhere. */
  readonly secret: string;
}

export interface KeyDeps {
  readonly keys: KeyStore;
  readonly digest: Digest;
  readonly clock: Clock;
}

/** Makes and stores a key; resolves to it with its secret. */
export async function issueKey({ keys, digest, clock }: KeyDeps, request: KeyRequest): Promise<IssuedKey> {
  const secret = generateKey(request.environment);
  const createdAtMs = clock.now();
  const key: KeyRecord = {
    id: newId("key", createdAtMs),
    name: request.name,
    customer: request.customer,
    project: request.project,
    environment: request.environment,
    hint: hintOf(secret),
    status: "active",
    metadata: request.metadata,
    createdAtMs,
    expiresAtMs: request.expiresAtMs,
    revokedAtMs: null,
    lastUsedAtMs: null,
    policy: request.policy ?? {},
    rotation: request.rotation ?? null,
    idleDays: request.idleDays ?? null,
    rotatedAtMs: null,
  };
  const { id: keyId, hint } = key;
  const stored = { digest: digest(secret), keyId, createdAtMs, expiresAtMs: null, hint, lastUsedAtMs: null };
  await keys.create({ key, secret: stored });
  return { key, secret };
}
