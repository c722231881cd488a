// What a client asks to embed, in OpenAI's shape, for providers of other shapes.
import type { Unsupported } from "../../dialects/dialect.ts";
import { lossOf } from "../../dialects/hints.ts";
import type { Json } from "../../dialects/json.ts";

/** The texts of `input`; empty where it holds tokens. */
export function textsOf({ input }: Json): readonly string[] {
  const items = Array.isArray(input) ? input : [input];
  return items.every((item) => typeof item === "string") ? items : [];
}

/** Tokens of OpenAI's vocabulary mean nothing to another vendor's model. */
export function refuseTokens(body: Json, vendor: string): readonly Unsupported[] {
  if (textsOf(body).length > 0) return [];
  return [{ member: "input", reason: `holds tokens, and ${vendor} takes texts`, droppable: false }];
}

/** Members that the client set and the provider does not know; they may be left out, and hints are. */
export function refuseMembers(body: Json, members: readonly string[], vendor: string): readonly Unsupported[] {
  return members
    .filter((name) => body[name] !== undefined && body[name] !== null)
    .flatMap((name) => lossOf(name, body[name], vendor) ?? []);
}
