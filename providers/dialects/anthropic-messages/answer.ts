// What the parts of an answer mean in neutral terms: shared by whole answers and streams.
import type { FinishReason } from "../completion.ts";
import type { AssistantPart, Citation, Signature } from "../conversation.ts";
import { asCount, asList, asObject, asText, type JsonObject } from "./wire.ts";

/**
 * The tool that stands for a schema on models without structured outputs. Its input is the answer's text: it is known by its
 * name alone, so that reading an answer needs no memory of the request.
 */
export const jsonToolName = "turnpike_json_output";

export function anthropicToken(value: string): Signature {
  return { vendor: "anthropic", value };
}

/**
 * SDK `StopReason`. `compaction`, `pause_turn` (a server tool's loop paused) and unknown reasons have no neutral form of
 * their own: the text is complete so far.
 */
export function finishReason(raw: string | null, { onlyJsonTool }: { readonly onlyJsonTool: boolean }): FinishReason {
  switch (raw) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return onlyJsonTool ? "stop" : "tool-calls";
    case "refusal":
      return "content-filter";
    default:
      return "stop";
  }
}

/** Why the model refused, in Anthropic's words; null when it did not, or did not say. */
export function refusalText(stopDetails: unknown): string | null {
  const details = asObject(stopDetails);
  const text = details?.type === "refusal" ? asText(details.explanation) : null;
  return text === "" ? null : text;
}

/** A text of tool arguments for a whole `input`. */
export function inputText(input: unknown): string {
  return JSON.stringify(input ?? {});
}

/**
 * A whole content block. Null for one that says nothing, and for blocks without a neutral form: server tools
 * (`server_tool_use`, `web_search_tool_result`, …), MCP, containers, compaction.
 */
export function answerPart(block: JsonObject): AssistantPart | null {
  switch (block.type) {
    case "text": {
      const text = asText(block.text) ?? "";
      const citations = asList(block.citations).flatMap((wire) => readCitation(wire) ?? []);
      if (text === "" && citations.length === 0) return null;
      return { type: "text", text, ...(citations.length > 0 && { citations }) };
    }
    case "thinking": {
      const text = asText(block.thinking) ?? "";
      const signature = asText(block.signature) ?? "";
      if (text === "" && signature === "") return null;
      return { type: "reasoning", text, ...(signature !== "" && { signature: anthropicToken(signature) }) };
    }
    case "redacted_thinking":
      return { type: "reasoning", text: "", encrypted: anthropicToken(asText(block.data) ?? "") };
    case "tool_use":
      if (block.name === jsonToolName) return { type: "text", text: inputText(block.input) };
      return {
        type: "tool-call",
        id: asText(block.id) ?? "",
        name: asText(block.name) ?? "",
        arguments: inputText(block.input),
      };
    default:
      return null;
  }
}

/** SDK `TextCitation`. Offsets in it count within the source, not within the answer: they stay in `raw`. */
export function readCitation(wire: unknown): Citation | null {
  const citation = asObject(wire);
  if (citation === null) return null;
  const quote = asText(citation.cited_text);
  const title = asText(citation.title) ?? asText(citation.document_title);
  const said = { ...(title !== null && { title }), ...(quote !== null && { quote }), raw: wire };
  const url = asText(citation.url) ?? webUrl(citation.source);
  if (url !== null) return { kind: "url", url, ...said };
  const fileId = asText(citation.file_id);
  const documentIndex = asCount(citation.document_index);
  return {
    kind: fileId === null ? "document" : "file",
    ...(fileId !== null && { fileId }),
    ...(documentIndex !== null && { documentIndex }),
    ...said,
  };
}

/** The source of a search result is a URL, or a name that the request gave it. */
function webUrl(source: unknown): string | null {
  const text = asText(source);
  return text !== null && /^https?:\/\//i.test(text) ? text : null;
}
