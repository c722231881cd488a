// The wire of the Messages API: the SDK's types under the names that this dialect uses, and readers of untrusted JSON.
import type { Anthropic } from "@anthropic-ai/sdk";

/** The dialect's name in `Provider` and in logs. */
export const dialectId = "anthropic-messages";

export type Block = Anthropic.ContentBlockParam;
export type TextBlock = Anthropic.TextBlockParam;
export type ImageBlock = Anthropic.ImageBlockParam;
export type DocumentBlock = Anthropic.DocumentBlockParam;
export type ToolResultBlock = Anthropic.ToolResultBlockParam;
export type CacheControl = Anthropic.CacheControlEphemeral;
export type Tool = Anthropic.Tool;
export type ToolChoice = Anthropic.ToolChoice;
export type Thinking = Anthropic.ThinkingConfigParam;
export type Effort = NonNullable<Anthropic.OutputConfig["effort"]>;

/** One turn as it is sent. The arrays are filled while a request is built, and not touched afterwards. */
export interface WireMessage {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; what else it holds is passed over. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asList(value).filter((item) => asObject(item) !== null) as readonly JsonObject[];
}

export function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A number of tokens; null for what is absent, null or no finite number. */
export function asCount(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
