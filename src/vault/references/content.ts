// What a manager keeps under one name, a text or named members, and the selection of one value in it.
import { ManagerError } from "./manager.ts";

/** A text, which may be JSON; or members, where the manager itself keeps several. */
export type Content = string | Readonly<Record<string, unknown>>;

/**
 * The value that a reference means: the member `field`, which may be a path with dots; without a field the whole text, or the
 * only member that there is. White space around it is no part of it.
 * @throws ManagerError of kind `missing`, naming members but no values.
 */
export function select(content: Content, field: string | null): string {
  const value = field === null ? whole(content) : member(content, field);
  const text =
    typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : JSON.stringify(value);
  if (text === undefined || text === "" || text === "null") throw new ManagerError("missing", "it is empty.");
  return text;
}

function whole(content: Content): unknown {
  if (typeof content === "string") return content;
  const names = Object.keys(content);
  const [only] = names;
  if (only === undefined || names.length > 1) {
    throw new ManagerError("missing", `it has ${names.length} fields: name one of them behind a #.`);
  }
  return content[only];
}

function member(content: Content, field: string): unknown {
  const members = typeof content === "string" ? parsed(content) : content;
  if (Object.hasOwn(members, field)) return members[field];
  let value: unknown = members;
  for (const name of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      throw new ManagerError("missing", `it has no field \`${field}\`.`);
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // The parser's message repeats the text.
  }
  throw new ManagerError("missing", "it is no JSON object, so it has no fields.");
}
