// Puts together function-call arguments that Gemini streams piece by piece (`partialArgs`), each with its JSON path.
import type { PartialArg } from "@google/genai";

type Key = string | number;
type Container = Record<Key, unknown>;

/** Writes the pieces into `target`; a string's pieces are appended to one another. */
export function applyPartialArguments(target: Record<string, unknown>, pieces: readonly PartialArg[]): void {
  for (const piece of pieces) {
    const keys = parsePath(piece.jsonPath ?? "$");
    const last = keys.at(-1);
    if (last === undefined) continue;
    let container: Container = target;
    for (const [position, key] of keys.slice(0, -1).entries()) {
      container[key] ??= typeof keys[position + 1] === "number" ? [] : {};
      container = container[key] as Container;
    }
    if (piece.stringValue !== undefined) container[last] = `${(container[last] as string) ?? ""}${piece.stringValue}`;
    else if (piece.numberValue !== undefined) container[last] = piece.numberValue;
    else if (piece.boolValue !== undefined) container[last] = piece.boolValue;
    else if (piece.nullValue !== undefined) container[last] = null;
  }
}

/** `$.a.b[0]['c']` as keys (RFC 9535, name and index selectors). */
function parsePath(path: string): readonly Key[] {
  return [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)].map(([, dotted, index, quoted]) =>
    index === undefined ? (dotted ?? quoted ?? "") : Number(index),
  );
}
