// Reads a whole answer of the Messages API.
import type { Completion } from "../../completion.ts";
import type { AssistantPart } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { answerPart, finishReason, jsonToolName, refusalText } from "../answer.ts";
import { protocolFailure, readErrorEvent } from "../error.ts";
import { readUsage } from "../usage.ts";
import { asObject, asObjects, asText } from "../wire.ts";

/** Throws nothing: what is no answer gives a failure. Blocks without a neutral form are left out (see `answerPart`). */
export function decodeResponse(body: unknown): Completion | ProviderFailure {
  const message = asObject(body);
  if (message?.type === "error" || asObject(message?.error) !== null) return readErrorEvent(body);
  if (message === null || !Array.isArray(message.content)) {
    return protocolFailure("The provider's answer is not a message of the Anthropic Messages API.");
  }
  const blocks = asObjects(message.content);
  const content = blocks.flatMap((block): readonly AssistantPart[] => {
    const part = answerPart(block);
    return part === null ? [] : [part];
  });
  const refusal = refusalText(message.stop_details);
  if (refusal !== null) content.push({ type: "refusal", text: refusal });
  const onlyJsonTool =
    blocks.some(({ type, name }) => type === "tool_use" && name === jsonToolName) &&
    content.every(({ type }) => type !== "tool-call");
  const stopSequence = asText(message.stop_sequence);
  const rawFinish = asText(message.stop_reason);
  const usage = asObject(message.usage);
  return {
    id: asText(message.id) ?? "",
    model: asText(message.model) ?? "",
    createdS: null,
    choices: [
      {
        index: 0,
        content,
        finish: finishReason(rawFinish, { onlyJsonTool }),
        rawFinish,
        ...(stopSequence !== null && { stopSequence }),
        logprobs: null,
      },
    ],
    usage: usage === null ? null : readUsage(usage),
    serviceTier: asText(usage?.service_tier),
    systemFingerprint: null,
  };
}
