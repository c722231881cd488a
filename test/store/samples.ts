// Records to put into a store: complete, plain, and different in what a test says.
import type { KeyRecord, KeyWithSecret, OpenCall, Settlement } from "../../src/store/port.ts";
import type { AdminRecord } from "../../src/store/port-admins.ts";

export const noon = Date.UTC(2026, 10, 24, 12);

export function sampleKey(over: Partial<KeyRecord> = {}, digest = `digest-of-${over.id ?? "key_1"}`): KeyWithSecret {
  const key: KeyRecord = {
    id: "key_1",
    name: "checkout",
    customer: "acme",
    project: "shop",
    environment: "live",
    hint: "tp_live_Ab12…x9Yz",
    status: "active",
    metadata: { team: "payments" },
    createdAtMs: noon,
    expiresAtMs: null,
    revokedAtMs: null,
    lastUsedAtMs: null,
    policy: {},
    rotation: null,
    idleDays: null,
    rotatedAtMs: null,
    ...over,
  };
  const { id: keyId, createdAtMs, hint } = key;
  return { key, secret: { digest, keyId, createdAtMs, expiresAtMs: null, hint, lastUsedAtMs: null } };
}

export function sampleAdmin(over: Partial<AdminRecord> = {}): AdminRecord {
  return {
    id: "adm_1",
    name: "owner",
    role: "owner",
    hint: "tp_admin_Ab12…x9Yz",
    digest: `digest-of-${over.id ?? "adm_1"}`,
    createdAtMs: noon,
    scope: null,
    oldDigest: null,
    oldExpiresAtMs: null,
    status: "active",
    ipAllow: null,
    ipDeny: [],
    provider: null,
    subject: null,
    email: null,
    createdBy: null,
    expiresAtMs: null,
    revokedAtMs: null,
    rotatedAtMs: null,
    lastUsedAtMs: null,
    ...over,
  };
}

export function sampleCall(over: Partial<OpenCall> = {}): OpenCall {
  return {
    id: "req_1",
    keyId: "key_1",
    customer: "acme",
    project: "shop",
    operation: "chat",
    dialect: "openai-chat",
    requestedModel: "gpt-5-mini",
    stream: false,
    openedAtMs: noon,
    estimatedInputTokens: 12,
    ...over,
  };
}

export function sampleSettlement(over: Partial<Settlement> = {}): Settlement {
  return {
    id: "req_1",
    outcome: "completed",
    httpStatus: 200,
    errorCode: null,
    provider: "openai",
    model: "gpt-5-mini-2026-08-07",
    canonicalModel: "openai/gpt-5-mini",
    finishReason: "stop",
    usage: { inputTokens: 10, outputTokens: 5 },
    costNanos: 12_500n,
    attempts: [
      {
        provider: "openai",
        model: "gpt-5-mini",
        result: "ok",
        status: 200,
        startedAtMs: noon,
        durationMs: 812.5,
        ttftMs: 300.25,
      },
    ],
    settledAtMs: noon + 900,
    ttftMs: 301.5,
    durationMs: 900.75,
    ...over,
  };
}
