// Members: reads an object of a client's body, whichever of Google's two spellings its members have.
import {
  asObject,
  at,
  Invalid,
  missing,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalString,
  requiredString,
} from "../../fields.ts";
import { isObject, type Json } from "../../json.ts";

interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * A member's name as the client spelled it: the API takes `inlineData` and `inline_data` alike (protobuf's JSON mapping).
 * @param name In camel case, which is also the answer when neither is there.
 */
export function spelled(holder: Json, name: string): string {
  if (holder[name] !== undefined) return name;
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return holder[snake] === undefined ? name : snake;
}

/** A name in camel case, however it was spelled. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The path of nested members, each as the client spelled it. */
export function pathTo(body: Json, names: readonly string[]): string {
  let holder: unknown = body;
  const path: string[] = [];
  for (const name of names) {
    const own = isObject(holder) ? spelled(holder, name) : name;
    path.push(own);
    holder = isObject(holder) ? holder[own] : undefined;
  }
  return path.join(".");
}

/** One object and where it stands. Its readers take names in camel case, and throw Invalid with the client's own path. */
export class Members {
  readonly path: string;
  readonly json: Json;

  /** @throws Invalid when the value is no object. */
  constructor(value: unknown, path: string) {
    this.json = asObject(value, path);
    this.path = path;
  }

  /** The members that are there, by their names in camel case, and as they were spelled. */
  get names(): readonly { readonly name: string; readonly own: string }[] {
    return Object.keys(this.json)
      .filter((own) => this.json[own] !== null && this.json[own] !== undefined)
      .map((own) => ({ name: camelCase(own), own }));
  }

  at(name: string): string {
    return at(this.path, spelled(this.json, name));
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  raw(name: string): unknown {
    return this.json[spelled(this.json, name)] ?? undefined;
  }

  string(name: string): string | null {
    return optionalString(this.json, spelled(this.json, name), this.path);
  }

  requiredString(name: string): string {
    return requiredString(this.json, spelled(this.json, name), this.path);
  }

  boolean(name: string): boolean | null {
    return optionalBoolean(this.json, spelled(this.json, name), this.path);
  }

  number(name: string, range: Range): number | null {
    return optionalNumber(this.json, spelled(this.json, name), range, this.path);
  }

  integer(name: string, range: Range): number | null {
    return optionalInteger(this.json, spelled(this.json, name), range, this.path);
  }

  object(name: string): Members | null {
    const value = this.raw(name);
    return value === undefined ? null : new Members(value, this.at(name));
  }

  requiredObject(name: string): Members {
    return this.object(name) ?? missing(this.at(name), "an object");
  }

  /** The objects of a list; an object alone is a list of one, as the API reads it. */
  objects(name: string): readonly Members[] | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    const path = this.at(name);
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!items.every(isObject) && !Array.isArray(value)) {
      throw new Invalid(path, `Invalid type for '${path}': expected an array of objects.`);
    }
    return items.map((item, index) => new Members(item, `${path}[${index}]`));
  }

  strings(name: string): readonly string[] {
    const value = this.raw(name) ?? [];
    if (Array.isArray(value) && value.every((item): item is string => typeof item === "string")) return value;
    const path = this.at(name);
    throw new Invalid(path, `Invalid type for '${path}': expected an array of strings.`);
  }
}
