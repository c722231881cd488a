// Input: a tool call's arguments as the object that this dialect has, and back.
import { toolInput } from "../client/arguments.ts";
import { asObject, asText } from "../wire.ts";

/** Arguments that are no JSON object become `{ "INVALID_JSON": … }`, as they do where we speak this dialect ourselves. */
export const writeInput = toolInput;

/** JSON text of an input. What `writeInput` wrapped comes out as it was, to the byte. */
export function readInput(input: unknown): string {
  const wrapped = asObject(input);
  const invalid = wrapped !== null && Object.keys(wrapped).length === 1 ? asText(wrapped.INVALID_JSON) : null;
  return invalid ?? JSON.stringify(input ?? {});
}
