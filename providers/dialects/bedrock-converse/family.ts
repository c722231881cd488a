// Which vendor's model a Bedrock model id names: what the Converse API takes depends on it.

export type Family = "claude" | "nova" | "openai" | "mistral" | "llama" | "qwen" | "cohere" | "other";

/** The vendor's part of a model id: `us.anthropic.claude-…`, `openai.gpt-oss-120b-1:0`. */
const vendors: readonly (readonly [RegExp, Family])[] = [
  [/anthropic\.claude|claude-/, "claude"],
  [/amazon\.nova/, "nova"],
  [/openai\./, "openai"],
  [/mistral\./, "mistral"],
  [/meta\.llama/, "llama"],
  [/qwen\./, "qwen"],
  [/cohere\./, "cohere"],
];

/**
 * Of a model id, an inference profile's id or an ARN that holds one. An application inference profile's ARN tells
 * nothing: `other`.
 */
export function familyOf(model: string): Family {
  return vendors.find(([pattern]) => pattern.test(model))?.[1] ?? "other";
}

/** Whose models take `cachePoint` (Amazon Bedrock User Guide, "Prompt caching", supported models). */
export function takesCachePoints(family: Family): boolean {
  return family === "claude" || family === "nova";
}
