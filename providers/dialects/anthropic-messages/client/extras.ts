// Decides about members of a client's body that have no neutral form.
import { lossOf } from "../../hints.ts";
import type { JsonObject } from "../wire.ts";
import { asText } from "../wire.ts";
import { isThinkingExtra } from "./thinking.ts";
import type { Losses } from "./unsupported.ts";

/** Anthropic's own members, understood by their name: passed on as they are. */
const passedOn = new Set(["inference_geo"]);

export interface Extras {
  readonly body: JsonObject;
  /** The end user's id, which becomes `metadata.user_id`. */
  readonly userId: string | null;
}

/** @param user The end user's id, where it came under its own name. */
export function encodeExtras(extras: JsonObject, user: string | null, losses: Losses): Extras {
  const userId = user ?? asText(extras.safety_identifier);
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined) continue;
    if (passedOn.has(name)) body[name] = value;
    else if (name === "safety_identifier" && value === userId) continue;
    else if (!(name === "thinking" && isThinkingExtra(value))) losses.add(lossOf(name, value, "Anthropic models"));
  }
  return { body, userId };
}
