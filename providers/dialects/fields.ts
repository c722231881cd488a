// Fields: reads members of a client's body, and says in the client's own terms what is wrong with one.
import type { InvalidRequest } from "./dialect.ts";
import { isObject, type Json } from "./json.ts";

/** Thrown inside `read` only, and given back from it as a value. */
export class Invalid extends Error {
  readonly request: InvalidRequest;

  constructor(param: string | null, message: string) {
    super(message);
    this.request = { param, message };
  }
}

/** @throws Invalid that names the member, what it must be, and what it was. */
function wrongType(param: string, expected: string, value: unknown): never {
  throw new Invalid(param, `Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)}.`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a number";
  if (typeof value === "object") return "an object";
  return typeof value === "undefined" ? "nothing" : `a ${typeof value}`;
}

/** A member's own path: `messages[0]` and `content` give `messages[0].content`. */
export function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Null and absent are the same to a client that fills in every member (many do). */
function given(holder: Json, name: string): unknown {
  return holder[name] ?? undefined;
}

export function asObject(value: unknown, param: string): Json {
  return isObject(value) ? value : wrongType(param, "an object", value);
}

export function optionalObject(holder: Json, name: string, path = ""): Json | null {
  const value = given(holder, name);
  return value === undefined ? null : asObject(value, at(path, name));
}

export function requiredObject(holder: Json, name: string, path: string): Json {
  const value = given(holder, name);
  return value === undefined ? missing(at(path, name), "an object") : asObject(value, at(path, name));
}

export function optionalList(holder: Json, name: string, path = ""): readonly unknown[] | null {
  const value = given(holder, name);
  if (value === undefined) return null;
  return Array.isArray(value) ? value : wrongType(at(path, name), "an array", value);
}

export function optionalString(holder: Json, name: string, path = ""): string | null {
  const value = given(holder, name);
  if (value === undefined) return null;
  return typeof value === "string" ? value : wrongType(at(path, name), "a string", value);
}

export function requiredString(holder: Json, name: string, path: string): string {
  const value = optionalString(holder, name, path);
  if (value === null || value === "") return missing(at(path, name), "a string that is not empty");
  return value;
}

export function optionalBoolean(holder: Json, name: string, path = ""): boolean | null {
  const value = given(holder, name);
  if (value === undefined) return null;
  return typeof value === "boolean" ? value : wrongType(at(path, name), "true or false", value);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

export function optionalNumber(holder: Json, name: string, range: Range, path = ""): number | null {
  const value = given(holder, name);
  if (value === undefined) return null;
  if (typeof value !== "number") return wrongType(at(path, name), "a number", value);
  return inRange(value, range, at(path, name));
}

export function optionalInteger(holder: Json, name: string, range: Range, path = ""): number | null {
  const value = given(holder, name);
  if (value === undefined) return null;
  if (typeof value !== "number" || !Number.isInteger(value)) return wrongType(at(path, name), "an integer", value);
  return inRange(value, range, at(path, name));
}

function inRange(value: number, { min, max }: Range, param: string): number {
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  throw new Invalid(param, `Invalid value for '${param}': expected ${range}, but got ${value}.`);
}

export function optionalChoice<Word extends string>(
  holder: Json,
  name: string,
  words: readonly Word[],
  path = "",
): Word | null {
  const value = optionalString(holder, name, path);
  return value === null ? null : oneOf(value, words, at(path, name));
}

export function oneOf<Word extends string>(value: string, words: readonly Word[], param: string): Word {
  return words.find((word) => word === value) ?? unknownWord(value, words, param);
}

/** @throws Invalid that lists the words. */
export function unknownWord(value: unknown, words: readonly string[], param: string): never {
  const known = words.map((word) => `'${word}'`).join(", ");
  const got = typeof value === "string" ? `'${value}'` : kindOf(value);
  throw new Invalid(param, `Invalid value for '${param}': expected one of ${known}, but got ${got}.`);
}

export function missing(param: string, expected: string): never {
  throw new Invalid(param, `Missing required parameter: '${param}', ${expected}.`);
}
