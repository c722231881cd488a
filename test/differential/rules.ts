// Rules under which two requests to one provider ask for the same: each turns equivalent forms into one form.
import type { Json, JsonObject } from "../support/recordings.ts";

export interface Rule {
  /** The equivalence, as a sentence. */
  readonly rule: string;
  /** Why the provider makes no difference, with the source. */
  readonly reason: string;
  apply(body: JsonObject): JsonObject;
}

export function applyAll(rules: readonly Rule[], body: JsonObject): JsonObject {
  return rules.reduce((rewritten, { apply }) => apply(rewritten), body);
}

/** The object with some members replaced; a member that becomes undefined goes. */
export function replaced(
  object: JsonObject,
  members: { readonly [name: string]: (value: Json) => Json | undefined },
): JsonObject {
  const entries = Object.entries(object).flatMap(([name, value]): [string, Json][] => {
    const replace = members[name];
    const made = replace === undefined ? value : replace(value);
    return made === undefined ? [] : [[name, made]];
  });
  return Object.fromEntries(entries);
}

/** A single object where a list is meant stands for a list of one. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as readonly JsonObject[];
}

export function unless(absent: (value: Json) => boolean): (value: Json) => Json | undefined {
  return (value) => (absent(value) ? undefined : value);
}

/** Consecutive turns of one role become one. */
export function mergeTurns(turns: readonly JsonObject[], list: "content" | "parts"): readonly JsonObject[] {
  const merged: JsonObject[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (last !== undefined && last.role === turn.role)
      merged[merged.length - 1] = { ...last, [list]: [...objects(last[list]), ...objects(turn[list])] };
    else merged.push(turn);
  }
  return merged;
}
