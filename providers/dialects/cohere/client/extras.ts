// Decides about members of a client's body that have no neutral form.
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import { lossOf } from "../../hints.ts";
import type { JsonObject } from "../wire.ts";

/** Cohere's own members, understood by their name: passed on as they are. */
const passedOn = new Set(["documents", "citation_options", "safety_mode", "priority"]);

export function encodeExtras(extras: JsonObject, losses: Losses): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined) continue;
    if (passedOn.has(name)) body[name] = value;
    else losses.add(lossOf(name, value, "Cohere"));
  }
  return body;
}
