// The wire of Bedrock's Converse API (Amazon Bedrock API Reference, "Converse"), as far as this dialect writes it.
export { asCount, asList, asObject, asObjects, asText, type JsonObject } from "../anthropic-messages/wire.ts";

import type { JsonObject } from "../anthropic-messages/wire.ts";

/** The dialect's name in `Provider` and in logs. */
export const dialectId = "bedrock-converse";

export interface CachePoint {
  readonly cachePoint: { readonly type: "default"; readonly ttl?: "1h" };
}

export type MediaSource = { readonly bytes: string } | { readonly s3Location: { readonly uri: string } };

export interface TextBlock {
  text: string;
}
export interface ImageBlock {
  readonly image: { readonly format: string; readonly source: MediaSource };
}
export interface VideoBlock {
  readonly video: { readonly format: string; readonly source: MediaSource };
}
export interface DocumentBlock {
  readonly document: { readonly format: string; readonly name: string; readonly source: MediaSource };
}
export interface ToolUseBlock {
  readonly toolUse: { readonly toolUseId: string; readonly name: string; readonly input: JsonObject };
}
export type ResultContent = TextBlock | ImageBlock | VideoBlock | DocumentBlock;
export interface ToolResultBlock {
  readonly toolResult: {
    readonly toolUseId: string;
    readonly content: readonly ResultContent[];
    readonly status?: "success" | "error";
  };
}
export interface ReasoningBlock {
  readonly reasoningContent:
    | { readonly reasoningText: { readonly text: string; readonly signature: string } }
    | { readonly redactedContent: string };
}
export type Block = ResultContent | ToolUseBlock | ToolResultBlock | ReasoningBlock | CachePoint;

/** One turn as it is sent. The array is filled while a request is built, and not touched afterwards. */
export interface WireMessage {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

export interface ToolSpec {
  readonly toolSpec: {
    readonly name: string;
    readonly description?: string;
    readonly inputSchema: { readonly json: JsonObject };
    readonly strict?: true;
  };
}
export type ToolChoice =
  | { readonly auto: JsonObject }
  | { readonly any: JsonObject }
  | { readonly tool: { readonly name: string } };
