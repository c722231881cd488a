// What the parts of a Converse answer mean in neutral terms: shared by whole answers and streams.
import type { FinishReason } from "../completion.ts";
import type { Citation, Signature } from "../conversation.ts";
import { asCount, asObject, asObjects, asText, type JsonObject } from "./wire.ts";

/** API Reference, "ConverseResponse", `stopReason`. */
export function finishReason(raw: string | null, { onlyJsonTool }: { readonly onlyJsonTool: boolean }): FinishReason {
  switch (raw) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return onlyJsonTool ? "stop" : "tool-calls";
    case "content_filtered":
    case "guardrail_intervened":
      return "content-filter";
    case "malformed_model_output":
    case "malformed_tool_use":
      return "error";
    default:
      return "stop";
  }
}

/** Bedrock tells which sequence stopped a Claude model among the fields of its own API, and nested in a stream. */
export function stopSequence(fields: unknown): string | null {
  const own = asObject(fields);
  return asText(own?.stop_sequence) ?? asText(asObject(own?.delta)?.stop_sequence);
}

/**
 * Of all models here, Claude alone signs its reasoning (all recordings), in a form that begins with a protobuf field
 * and thus with `E`; the same tokens are valid at Anthropic. What looks otherwise has a maker that we do not know.
 */
export function signature(value: string): Signature {
  return { vendor: isClaudes(value) ? "anthropic" : "unknown", value };
}

/**
 * `redactedContent` is a blob, in base64 on the wire; within is what Anthropic's own API has as
 * `redacted_thinking.data` (recording `test_bedrock_model_thinking_part_redacted.0`).
 */
export function redacted(blob: string): Signature {
  const data = fromBase64(blob);
  return data !== null && isClaudes(data) ? { vendor: "anthropic", value: data } : { vendor: "unknown", value: blob };
}

function isClaudes(value: string): boolean {
  return /^E[\w+/=-]+$/.test(value);
}

function fromBase64(blob: string): string | null {
  try {
    return atob(blob);
  } catch {
    return null;
  }
}

/** API Reference, "Citation" and "CitationsDelta". */
export function readCitation(wire: JsonObject): Citation {
  const location = asObject(wire.location) ?? {};
  const url = asText(asObject(location.web)?.url);
  const within = ["documentChar", "documentPage", "documentChunk"].map((kind) => asObject(location[kind]));
  const documentIndex = asCount(within.find((place) => place !== null)?.documentIndex);
  const title = asText(wire.title);
  const quote = asObjects(wire.sourceContent)
    .map(({ text }) => asText(text) ?? "")
    .join("");
  return {
    kind: url === null ? "document" : "url",
    ...(url !== null && { url }),
    ...(title !== null && { title }),
    ...(quote !== "" && { quote }),
    ...(documentIndex !== null && { documentIndex }),
    raw: wire,
  };
}

/** Nova's own tools (code interpreter, grounding) run at Amazon: their calls and results are nothing for the client. */
export function isServerTool(toolUse: JsonObject): boolean {
  return toolUse.type === "server_tool_use";
}
