// Reads a whole chat completion of a provider.
import type { Choice, Completion } from "../../completion.ts";
import type { AssistantPart, Citation, TextPart, ToolCallPart } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { count, type Json, list, object, string, text } from "../../json.ts";
import { assembleParts, readExtraContent, readImage } from "../assistant.ts";
import { madeCallId } from "../call-id.ts";
import { readAnnotations, readSearchResults } from "../citations.ts";
import { failureInside, protocolFailure } from "../error.ts";
import { readFinish } from "../finish.ts";
import { readLogprobs } from "../logprobs.ts";
import type { Behaviour } from "../quirks.ts";
import { usageOf } from "../usage.ts";
import { ThinkTagReader } from "./think-tags.ts";

/** @returns A failure when the body holds an error (some servers say so with status 200) or is no chat completion. */
export function readCompletion(body: unknown, quirks: Behaviour): Completion | ProviderFailure {
  const answer = object(body);
  if (answer === null) return protocolFailure("The provider's answer is not a JSON object.");
  const failure = failureInside(answer);
  if (failure !== null) return failure;
  const id = string(answer.id) ?? "";
  const choices: Choice[] = [];
  for (const value of list(answer.choices)) {
    const choice = object(value);
    const message = object(choice?.message);
    if (choice === null || message === null)
      return protocolFailure("A choice of the provider's answer has no message.");
    // OpenRouter: one choice failed behind an answer that succeeded.
    const broken = failureInside({ error: choice.error });
    if (broken !== null) return broken;
    const sources = choices.length === 0 ? readSearchResults(answer) : [];
    choices.push(readChoice(choice, message, { index: count(choice.index) ?? choices.length, id, sources, quirks }));
  }
  if (choices.length === 0) return protocolFailure("The provider's answer has no choices.");
  return {
    id,
    model: string(answer.model) ?? "",
    createdS: count(answer.created),
    choices,
    usage: usageOf(answer),
    serviceTier: string(answer.service_tier),
    systemFingerprint: text(answer.system_fingerprint),
  };
}

/** What the reading of one choice depends on besides itself. `sources`: what the answer names at its top. */
interface Around {
  readonly index: number;
  readonly id: string;
  readonly sources: readonly Citation[];
  readonly quirks: Behaviour;
}

function readChoice(choice: Json, message: Json, around: Around): Choice {
  const { index } = around;
  const content = readMessage(message, around);
  const raw = text(choice.finish_reason);
  const native = text(choice.native_finish_reason);
  return {
    index,
    content,
    finish: readFinish(
      raw,
      content.some((part) => part.type === "tool-call"),
    ),
    rawFinish: native ?? raw,
    logprobs: readLogprobs(choice.logprobs),
  };
}

function readMessage(message: Json, { id, index, sources, quirks }: Around): AssistantPart[] {
  const parts = assembleParts(
    {
      content: [...readContent(message.content, quirks), ...refusals(message.refusal)],
      calls: readCalls(message, id, index),
      audio: readAudio(message.audio),
      images: list(message.images).flatMap(readImage),
    },
    message,
  );
  const citations = [...readAnnotations(message.annotations), ...sources];
  const at = parts.findIndex((part) => part.type === "text");
  const part = parts[at];
  if (citations.length > 0 && part?.type === "text") parts[at] = { ...part, citations } satisfies TextPart;
  return parts;
}

/** `content` as a string, or as an array of text and Mistral's `thinking` chunks. */
function readContent(content: unknown, quirks: Behaviour): AssistantPart[] {
  if (typeof content === "string" && quirks.thinkTags) {
    const reader = new ThinkTagReader();
    return [...reader.push(content), ...reader.end()];
  }
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return list(content).flatMap((item): AssistantPart[] => {
    const chunk = object(item);
    const thought = thinkingText(chunk);
    if (thought !== "") return [{ type: "reasoning", text: thought }];
    if (chunk?.type === "refusal") return refusals(chunk.refusal);
    const words = text(chunk?.text);
    return words === null ? [] : [{ type: "text", text: words }];
  });
}

/** The text of a `thinking` chunk (Mistral documentation, "Reasoning"); empty when it is none. */
export function thinkingText(chunk: Json | null): string {
  if (chunk?.type !== "thinking") return "";
  if (typeof chunk.thinking === "string") return chunk.thinking;
  return list(chunk.thinking)
    .map((piece) => string(object(piece)?.text) ?? "")
    .join("");
}

function refusals(value: unknown): AssistantPart[] {
  const words = text(value);
  return words === null ? [] : [{ type: "refusal", text: words }];
}

function readCalls(message: Json, completionId: string, choice: number): ToolCallPart[] {
  const calls = list(message.tool_calls).flatMap((value, at): ToolCallPart[] => {
    const call = object(value);
    const made = object(call?.function) ?? object(call?.custom);
    if (call === null || made === null) return [];
    const signature = readExtraContent(call.extra_content);
    return [
      {
        type: "tool-call",
        id: text(call.id) ?? madeCallId(completionId, choice, at),
        name: string(made.name) ?? "",
        arguments: argumentText(made.arguments ?? made.input),
        ...(signature === null ? {} : { signature }),
      },
    ];
  });
  const legacy = object(message.function_call);
  // Snowflake writes an empty one beside every answer.
  if (legacy === null || text(legacy.name) === null) return calls;
  const name = string(legacy.name) ?? "";
  const id = madeCallId(completionId, choice, 0);
  return [...calls, { type: "tool-call", id, name, arguments: argumentText(legacy.arguments) }];
}

/** Arguments as text. Some servers send the object itself, or nothing for a call without arguments. */
export function argumentText(value: unknown): string {
  if (typeof value === "string") return value === "" ? "{}" : value;
  return value === undefined || value === null ? "{}" : JSON.stringify(value);
}

function readAudio(value: unknown): AssistantPart[] {
  const audio = object(value);
  const id = text(audio?.id);
  if (audio === null || id === null) return [];
  return [
    {
      type: "output-audio",
      id,
      data: string(audio.data) ?? "",
      transcript: string(audio.transcript) ?? "",
      expiresAtS: count(audio.expires_at),
    },
  ];
}
