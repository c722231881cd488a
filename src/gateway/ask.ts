// What the router is told of a call.

import { deploymentRefused } from "../limits/check.ts";
import { noPolicy } from "../limits/policy.ts";
import type { Ask, Preferences, Purpose } from "../router/ask.ts";
import type { KeyRecord } from "../store/port.ts";
import type { AdmittedCaller } from "./admit.ts";
import type { Call } from "./call.ts";

const chatting: Purpose = {
  fits: (facts) => facts.mode === "chat",
  noun: "a chat model",
  servedBy: (provider) => provider.dialects.length > 0,
};

const { models: anything } = noPolicy;

/** What planning must know of a caller. */
export interface Asker {
  readonly key: Pick<KeyRecord, "id" | "customer" | "project" | "metadata">;
  readonly scopes: AdmittedCaller["scopes"];
}

/** The question that a call of this key puts to the router. */
export function askOf(call: Call, { key, scopes }: Asker, purpose: Purpose = chatting): Ask {
  const restricted = scopes.some(({ policy }) => policy.models !== anything || policy.providers !== anything);
  return {
    models: call.models,
    purpose,
    operation: call.operation,
    preferences: withPolicies(call.preferences, scopes),
    stream: call.stream,
    // What may be left out is not required of a model.
    peek: call.peek?.reasoning && call.dropParams ? { ...call.peek, reasoning: false } : call.peek,
    refuses: restricted
      ? (requested, { connection, model, facts }) =>
          deploymentRefused(scopes, {
            requested,
            canonical: facts?.canonical ?? null,
            provider: connection.provider.id,
            model,
          })
      : null,
    caller: { keyId: key.id, customer: key.customer, project: key.project, metadata: key.metadata },
  };
}

/** What policies say of data goes for every call. */
function withPolicies(preferences: Preferences, scopes: AdmittedCaller["scopes"]): Preferences {
  const denies = scopes.some(({ policy }) => policy.denyDataCollection);
  const keepsNothing = scopes.some(({ policy }) => policy.zeroDataRetention);
  if (!denies && !keepsNothing) return preferences;
  return {
    ...preferences,
    denyDataCollection: preferences.denyDataCollection || denies,
    zeroDataRetention: preferences.zeroDataRetention || keepsNothing,
  };
}
