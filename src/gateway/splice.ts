// Edits top-level members of a JSON text and leaves every other byte as the client wrote it.
import type { BodyEdits } from "../../providers/dialects/dialect.ts";

interface Member {
  readonly key: string;
  /** Where the key's opening quote stands. */
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Applies edits to the text of a JSON object.
 *
 * A repeated member is treated as parsers treat it: the last one counts. Where an edit touches it, the earlier ones go,
 * so that no other parser can read another value than the one that was checked here.
 * @param text must be valid JSON whose value is an object (parse it first).
 */
export function spliceBody(text: string, edits: BodyEdits): string {
  const set = edits.set;
  const [[only, value] = [], ...more] = Object.entries(set);
  if (only !== undefined && more.length === 0 && edits.remove.length === 0) {
    const spliced = spliceOne(text, only, JSON.stringify(value));
    if (spliced !== null) return spliced;
  }
  const remove = new Set(edits.remove);
  const pending = new Map(Object.entries(set));
  if (pending.size === 0 && remove.size === 0) return text;

  const members = topLevelMembers(text);
  const last = new Map<string, number>();
  for (const [position, member] of members.entries()) last.set(member.key, position);

  const kept: string[] = [];
  let untouched = true;
  for (const [position, member] of members.entries()) {
    const replaced = pending.has(member.key);
    if (remove.has(member.key) || (replaced && last.get(member.key) !== position)) {
      untouched = false;
      continue;
    }
    if (replaced) {
      kept.push(text.slice(member.start, member.valueStart) + JSON.stringify(set[member.key]));
      pending.delete(member.key);
      untouched = false;
    } else {
      kept.push(text.slice(member.start, member.valueEnd));
    }
  }
  if (untouched && pending.size === 0) return text;
  for (const [key, value] of pending) kept.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${kept.join(",")}}`;
}

/**
 * The common case, a new value for one member, without a walk over all others: its name stands in the text once, nothing can be that
 * name written with escapes, and nothing nested lies before it, or behind it. Null where any of that can't be told at a glance.
 */
function spliceOne(text: string, key: string, value: string): string | null {
  const name = `"${key}"`;
  const at = text.indexOf(name);
  if (at === -1 || text.indexOf(name, at + name.length) !== -1 || text.includes("\\u")) return null;
  const colon = skipSpace(text, at + name.length);
  // Behind a backslash it is the end of a longer name, without a colon a value.
  if (text.charCodeAt(at - 1) === backslash || text.charCodeAt(colon) !== 0x3a) return null;
  const valueStart = skipSpace(text, colon + 1);
  const valueEnd = endOfValue(text, valueStart);
  if (opensBetween(text, text.indexOf("{") + 1, at) && closesBetween(text, valueEnd, text.lastIndexOf("}")))
    return null;
  return text.slice(0, valueStart) + value + text.slice(valueEnd);
}

function opensBetween(text: string, from: number, to: number): boolean {
  const between = text.slice(from, to);
  return between.includes("{") || between.includes("[");
}

function closesBetween(text: string, from: number, to: number): boolean {
  const between = text.slice(from, to);
  return between.includes("}") || between.includes("]");
}

function topLevelMembers(text: string): Member[] {
  const members: Member[] = [];
  let at = text.indexOf("{") + 1;
  for (;;) {
    const start = text.indexOf('"', at);
    const close = text.indexOf("}", at);
    if (start === -1 || (close !== -1 && close < start)) return members;
    const keyEnd = endOfString(text, start);
    const valueStart = skipSpace(text, text.indexOf(":", keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({ key: JSON.parse(text.slice(start, keyEnd)) as string, start, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== 0x2c) return members;
    at += 1;
  }
}

/** The index just behind the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
  return slashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return endOfString(text, start);
  if (first === 0x7b || first === 0x5b) return endOfNested(text, start);
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    // A comma, a closing brace or white space ends a number or a literal.
    if (code === 0x2c || code === 0x7d || code <= 0x20 || Number.isNaN(code)) return at;
    at += 1;
  }
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    at += 1;
    if (code === 0x7b || code === 0x5b) depth += 1;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}
