// Reads a whole answer of Cohere's Chat API.
import type { Completion } from "../../completion.ts";
import type { AssistantPart, TextPart } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { argumentsText, citesText, finishReason, isFailure, readCitations } from "../answer.ts";
import { protocolFailure, reportedFailure } from "../error.ts";
import { readUsage } from "../usage.ts";
import { asCount, asList, asObject, asObjects, asText, type JsonObject } from "../wire.ts";

/**
 * Throws nothing: what is no answer gives a failure. The plan before tool calls is reasoning. `model` is "": it is not
 * told.
 */
export function decodeResponse(body: unknown): Completion | ProviderFailure {
  const answer = asObject(body);
  const message = asObject(answer?.message);
  if (answer === null || message === null) {
    const told = asText(answer?.message) ?? asText(answer?.error);
    if (told !== null) return reportedFailure(null, told);
    return protocolFailure("The provider's answer is not one of Cohere's Chat API.");
  }
  const content = [...contentParts(message), ...planParts(message), ...callParts(message)];
  const rawFinish = asText(answer.finish_reason);
  if (content.length === 0 && isFailure(rawFinish)) return reportedFailure(rawFinish, asText(answer.error));
  const usage = asObject(answer.usage);
  return {
    id: asText(answer.id) ?? "",
    model: "",
    createdS: null,
    choices: [{ index: 0, content, finish: finishReason(rawFinish), rawFinish, logprobs: null }],
    usage: usage === null ? null : readUsage(usage),
    serviceTier: null,
    systemFingerprint: null,
  };
}

function contentParts(message: JsonObject): readonly AssistantPart[] {
  const items = typeof message.content === "string" ? [message.content] : asList(message.content);
  const citations = asObjects(message.citations).filter(citesText);
  const firstText = items.findIndex((item) => textOf(item) !== null);
  let before = 0;
  return items.flatMap((item, position): readonly AssistantPart[] => {
    const thinking = asText(asObject(item)?.thinking) ?? "";
    if (thinking !== "") return [{ type: "reasoning", text: thinking }];
    const text = textOf(item);
    if (text === null || text === "") return [];
    const own = citations.filter(({ content_index }) => (asCount(content_index) ?? firstText) === position);
    const cited = own.flatMap((wire) => readCitations(wire, { text, before }));
    before += text.length;
    const part: TextPart = { type: "text", text, ...(cited.length > 0 && { citations: cited }) };
    return [part];
  });
}

function textOf(item: unknown): string | null {
  return asText(item) ?? asText(asObject(item)?.text);
}

function planParts(message: JsonObject): readonly AssistantPart[] {
  const text = asText(message.tool_plan) ?? "";
  return text === "" ? [] : [{ type: "reasoning", text }];
}

function callParts(message: JsonObject): readonly AssistantPart[] {
  return asObjects(message.tool_calls).map((call) => {
    const called = asObject(call.function);
    return {
      type: "tool-call",
      id: asText(call.id) ?? "",
      name: asText(called?.name) ?? "",
      arguments: argumentsText(asText(called?.arguments)),
    };
  });
}
