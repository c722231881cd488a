// Writes a completion as OpenAI's `response`.
import type { Completion, FinishReason } from "../../completion.ts";
import type { AssistantPart } from "../../conversation.ts";
import type { AnswerContext, CostView } from "../../dialect.ts";
import { carries } from "../../openai-chat/assistant.ts";
import { tierAndFingerprint } from "../../openai-chat/server/response.ts";
import { writeFinish } from "../finish.ts";
import { writeUsage } from "../usage.ts";
import type { OutputItem, WireResponse } from "../wire.ts";
import { echoOf } from "./echo.ts";
import { OutputWriter, type PartEvent } from "./output.ts";

/** The first choice: this dialect knows no others, and none were asked for. */
export function writeCompletion(completion: Completion, context: AnswerContext, cost: CostView): WireResponse {
  const head = headOf(completion, context);
  const [choice] = completion.choices;
  const writer = new OutputWriter(idBaseOf(head.id), () => {});
  for (const event of eventsOf(choice?.content ?? [], choice?.logprobs ?? null)) writer.write(event);
  const finish = choice?.finish ?? "stop";
  writer.finish(writeFinish(finish).status === "incomplete" ? "incomplete" : "completed");
  return {
    ...finished(head, writer.items(), finish, choice?.rawFinish ?? null),
    usage: completion.usage === null ? null : writeUsage(completion.usage, cost.usd),
  };
}

/** What is known of an answer when it begins. */
export interface Start {
  readonly id: string;
  readonly createdS: number | null;
  readonly serviceTier?: string | null;
}

/**
 * A response that has begun. A provider's own id is kept where it is one of this dialect; any other is another dialect's,
 * and perhaps not unique, so the gateway's takes its place.
 */
export function headOf(start: Start, context: AnswerContext): WireResponse {
  const id = start.id.startsWith("resp_") ? start.id : `resp_${context.fallbackId.replace(/^req_/, "")}`;
  return {
    id,
    object: "response",
    created_at: start.createdS ?? context.nowS,
    status: "in_progress",
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    access_programs: null,
    model: context.model,
    output: [],
    ...echoOf(context.request ?? {}),
    service_tier: tierAndFingerprint(start).service_tier ?? null,
    usage: null,
  };
}

/** What ids of items are made of: OpenAI's own are no longer than 64 either. */
export function idBaseOf(responseId: string): string {
  return responseId.replace(/[^a-zA-Z0-9]/g, "").slice(-48);
}

/** The response at its end, without usage. */
export function finished(
  head: WireResponse,
  output: OutputItem[],
  finish: FinishReason,
  raw: string | null,
): WireResponse {
  const { status, incomplete } = writeFinish(finish);
  const why = raw === null ? "" : ` It said: ${raw}`;
  return {
    ...head,
    status,
    error: status === "failed" ? { code: "server_error", message: `The model failed to answer.${why}` } : null,
    incomplete_details: incomplete === null ? null : { reason: incomplete },
    output,
  };
}

/** The parts of a whole answer as the events that would have brought them. */
function* eventsOf(
  parts: readonly AssistantPart[],
  logprobs: Completion["choices"][number]["logprobs"],
): Iterable<PartEvent> {
  const lastText = parts.findLastIndex((part) => part.type === "text");
  for (const [number, part] of parts.entries()) {
    if (!carries(part)) continue;
    const at = { choice: 0, part: number };
    switch (part.type) {
      case "text":
        if (part.text !== "") yield { type: "text", ...at, text: part.text };
        if (number === lastText && logprobs !== null) yield { type: "logprobs", choice: 0, logprobs };
        for (const citation of part.citations ?? []) yield { type: "citation", ...at, citation };
        if (part.signature !== undefined) yield { type: "text-signature", ...at, signature: part.signature };
        break;
      case "refusal":
        yield { type: "refusal", ...at, text: part.text };
        break;
      case "reasoning":
        if (part.text !== "") yield { type: "reasoning", ...at, text: part.text };
        if (part.signature !== undefined) yield { type: "reasoning-signature", ...at, signature: part.signature };
        if (part.encrypted !== undefined) yield { type: "reasoning-encrypted", ...at, encrypted: part.encrypted };
        break;
      case "tool-call":
        yield {
          type: "tool-call",
          ...at,
          id: part.id,
          name: part.name,
          ...(part.signature === undefined ? {} : { signature: part.signature }),
        };
        yield { type: "tool-arguments", ...at, delta: part.arguments };
        break;
      case "output-image":
        yield {
          type: "image",
          ...at,
          source: part.source,
          ...(part.signature === undefined ? {} : { signature: part.signature }),
        };
        break;
      case "output-audio":
        yield { type: "audio", ...at, transcript: part.transcript };
        break;
      case "audio-reference":
        break;
    }
  }
}
