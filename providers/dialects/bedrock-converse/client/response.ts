// Reads a whole answer of the Converse API.
import { inputText, jsonToolName } from "../../anthropic-messages/answer.ts";
import type { Completion } from "../../completion.ts";
import type { AssistantPart } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { finishReason, isServerTool, readCitation, redacted, signature, stopSequence } from "../answer.ts";
import { protocolFailure, readException } from "../error.ts";
import { readUsage } from "../usage.ts";
import { asObject, asObjects, asText, type JsonObject } from "../wire.ts";

/**
 * Throws nothing: what is no answer gives a failure. It names neither itself nor its model: `id` and `model` are "".
 */
export function decodeResponse(body: unknown): Completion | ProviderFailure {
  const answer = asObject(body);
  const message = asObject(asObject(answer?.output)?.message);
  if (answer === null || message === null || !Array.isArray(message.content)) {
    if (asText(answer?.message) !== null || asObject(answer?.Output) !== null) {
      return readException(null, asObject(answer?.Output) ?? answer);
    }
    return protocolFailure("The provider's answer is not one of the Bedrock Converse API.");
  }
  const blocks = asObjects(message.content);
  const content = blocks.flatMap(answerParts);
  const onlyJsonTool =
    blocks.some(({ toolUse }) => asObject(toolUse)?.name === jsonToolName) &&
    content.every(({ type }) => type !== "tool-call");
  const rawFinish = asText(answer.stopReason);
  const sequence = stopSequence(answer.additionalModelResponseFields);
  const usage = asObject(answer.usage);
  return {
    id: "",
    model: "",
    createdS: null,
    choices: [
      {
        index: 0,
        content,
        finish: finishReason(rawFinish, { onlyJsonTool }),
        rawFinish,
        ...(sequence !== null && { stopSequence: sequence }),
        logprobs: null,
      },
    ],
    usage: usage === null ? null : readUsage(usage),
    serviceTier: asText(asObject(answer.serviceTier)?.type),
    systemFingerprint: null,
  };
}

/** None for a block that says nothing, or that has no neutral form. */
function answerParts(block: JsonObject): readonly AssistantPart[] {
  const text = asText(block.text);
  if (text !== null) return text === "" ? [] : [{ type: "text", text }];
  const toolUse = asObject(block.toolUse);
  if (toolUse !== null) return isServerTool(toolUse) ? [] : [toolPart(toolUse)];
  const reasoning = asObject(block.reasoningContent);
  if (reasoning !== null) return reasoningParts(reasoning);
  const cited = asObject(block.citationsContent);
  if (cited !== null) return citedParts(cited);
  const image = asObject(block.image);
  const bytes = asText(asObject(image?.source)?.bytes);
  if (bytes === null) return [];
  const mediaType = `image/${asText(image?.format) ?? "png"}`;
  return [{ type: "output-image", source: { kind: "base64", mediaType, data: bytes } }];
}

function toolPart(toolUse: JsonObject): AssistantPart {
  if (toolUse.name === jsonToolName) return { type: "text", text: inputText(toolUse.input) };
  return {
    type: "tool-call",
    id: asText(toolUse.toolUseId) ?? "",
    name: asText(toolUse.name) ?? "",
    arguments: inputText(toolUse.input),
  };
}

function reasoningParts(reasoning: JsonObject): readonly AssistantPart[] {
  const blob = asText(reasoning.redactedContent);
  if (blob !== null) return [{ type: "reasoning", text: "", encrypted: redacted(blob) }];
  const shown = asObject(reasoning.reasoningText);
  const text = asText(shown?.text) ?? "";
  const sign = asText(shown?.signature) ?? "";
  if (text === "" && sign === "") return [];
  return [{ type: "reasoning", text, ...(sign !== "" && { signature: signature(sign) }) }];
}

function citedParts(cited: JsonObject): readonly AssistantPart[] {
  const text = asObjects(cited.content)
    .map((piece) => asText(piece.text) ?? "")
    .join("");
  const citations = asObjects(cited.citations).map(readCitation);
  return text === "" && citations.length === 0 ? [] : [{ type: "text", text, citations }];
}
