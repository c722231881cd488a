// Arguments: a function call's arguments are text in the neutral form and an object on Gemini's wire.
import { type JsonObject, parseObject } from "./wire.ts";

/** Anthropic's documentation gives this name for the same purpose ("Fine-grained tool streaming"). */
const BROKEN = "INVALID_JSON";

/** The arguments as an object. Text that is none (a model may write invalid JSON) survives under one member. */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === "") return {};
  return parseObject(text) ?? { [BROKEN]: text };
}

/** The text that such an object was made of. */
export function argumentsText(args: Readonly<JsonObject>): string {
  const broken = args[BROKEN];
  const alone = typeof broken === "string" && Object.keys(args).length === 1 && parseObject(broken) === null;
  return alone ? broken : JSON.stringify(args);
}
