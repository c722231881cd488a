// Turns a tool call's arguments, which are JSON text, into the object that the Messages API wants.
import type { JsonObject } from "../wire.ts";
import { asObject } from "../wire.ts";

/** `JSON.rawJSON` and the reviver's third argument (ECMAScript "JSON.parse source text access"), not in TypeScript's library yet. */
interface SourceJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

/**
 * Empty text is `{}`. What is no JSON object is wrapped as `{ "INVALID_JSON": … }`, the form in which Anthropic's
 * documentation of fine-grained tool streaming ("Handling invalid JSON in tool responses") shows a model its own slip; so it survives.
 */
export function toolInput(text: string): JsonObject {
  if (text.trim() === "") return {};
  return parseObject(text) ?? { INVALID_JSON: text };
}

function parseObject(text: string): JsonObject | null {
  try {
    return asObject(/\d{16}/.test(text) ? parseExactly(text) : JSON.parse(text));
  } catch {
    return null;
  }
}

/** Keeps the digits of numbers that a double can't hold (64-bit ids), for `JSON.stringify` to write as they were. */
function parseExactly(text: string): unknown {
  const json = JSON as unknown as SourceJson;
  return json.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  );
}
