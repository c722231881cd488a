// What the router is told of a call.
import type { Ask, Purpose } from "../router/ask.ts";
import type { KeyRecord } from "../store/port.ts";
import type { Call } from "./call.ts";

const chatting: Purpose = {
  fits: (facts) => facts.mode === "chat",
  noun: "a chat model",
  servedBy: (provider) => provider.dialects.length > 0,
};

/** The question that a call of this key puts to the router. */
export function askOf(call: Call, key: KeyRecord, purpose: Purpose = chatting): Ask {
  return {
    models: call.models,
    purpose,
    operation: call.operation,
    preferences: call.preferences,
    stream: call.stream,
    peek: call.peek,
    caller: { keyId: key.id, customer: key.customer, project: key.project, metadata: key.metadata },
  };
}
