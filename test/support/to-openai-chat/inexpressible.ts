// How a conversion says that there is no equivalent, and how it makes sure that no member is overlooked.
import type { Json, JsonObject } from "../recordings.ts";

/** Thrown inside a conversion; its message is the reason. */
export class Inexpressible extends Error {}

/** Stops with a reason when an object has members that the conversion does not know. */
export function only(object: JsonObject, known: readonly string[], what: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name) && object[name] !== null);
  if (unknown !== undefined) throw new Inexpressible(`${what}: ${unknown}`);
}

export function asObject(value: Json | undefined): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Inexpressible("malformed request");
  return value as JsonObject;
}

export function asList(value: Json | undefined): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item) => asObject(item)) : [asObject(value)];
}

export function asText(value: Json | undefined): string {
  if (typeof value !== "string") throw new Inexpressible("malformed request");
  return value;
}

/** The members that have a value. */
export function present(members: { readonly [name: string]: Json | undefined }): JsonObject {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as JsonObject;
}

/** A file as OpenAI chat sends it (API reference, "File content part"). */
export function filePart(file: { readonly data: string; readonly filename: string | undefined }): JsonObject {
  return { type: "file", file: present({ filename: file.filename, file_data: file.data }) };
}

export function imagePart(url: string): JsonObject {
  return { type: "image_url", image_url: { url } };
}
