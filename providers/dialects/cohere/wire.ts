// The wire of Cohere's Chat API v2 (docs.cohere.com, "Chat API (v2)"), as far as this dialect writes it.
export { asCount, asList, asObject, asObjects, asText, type JsonObject } from "../anthropic-messages/wire.ts";

import type { JsonObject } from "../anthropic-messages/wire.ts";

/** The dialect's name in `Provider` and in logs. */
export const dialectId = "cohere";

export interface WireDocument {
  readonly id: string;
  readonly data: { readonly title?: string; readonly text: string };
}
export type UserPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string; readonly detail?: string } };
export type ResultPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "document"; readonly document: WireDocument };
export interface WireToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}
export type WireMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string | readonly UserPart[] }
  | { readonly role: "assistant"; readonly content: string }
  | { readonly role: "assistant"; readonly tool_calls: readonly WireToolCall[]; readonly tool_plan?: string }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string | readonly ResultPart[] };

export interface WireTool {
  readonly type: "function";
  readonly function: { readonly name: string; readonly description?: string; readonly parameters: JsonObject };
}
