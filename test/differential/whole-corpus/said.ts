// What a recording says, read without anything of Turnpike's: by the provider's own SDK, and by plain readers where there is none.
import * as bedrock from "../../providers/dialects/bedrock-converse/support/plain.ts";
import * as cohere from "../../providers/dialects/cohere/plain.ts";
import { plainAnswer } from "../../providers/plain-chat.ts";
import { LEGACY_CALL_ID } from "../../support/read-openai.ts";
import { readDirectly } from "../../support/readers.ts";
import {
  distinct,
  parseArguments,
  type ReadChoice,
  type ReadResult,
  type ReadToolCall,
  type ReadUsage,
  reading,
} from "../../support/reading.ts";
import type { Recording } from "../../support/recordings.ts";
import type { Replay } from "../../support/replay.ts";
import type { Wire } from "./routes.ts";

export interface Said {
  /** As the SDK of the provider's dialect reads it, which may not know of what the provider adds; null where there is no such SDK. */
  readonly bySdk: ReadResult | null;
  /** All that it says. */
  readonly result: ReadResult;
}

/** Reads an answer to a chat in this wire format. */
export async function readRecording(replay: Replay, recording: Recording, wire: Wire): Promise<Said> {
  if (recording.status >= 400) {
    const failure = { status: recording.status, code: null, type: null, message: recording.response };
    return { bySdk: null, result: { kind: "failure", failure } };
  }
  switch (wire) {
    case "bedrock-converse":
      return { bySdk: null, result: readConverse(recording) };
    case "cohere":
      return { bySdk: null, result: readCohere(recording) };
    case "openai-chat": {
      const bySdk = await readDirectly(replay, recording);
      return { bySdk, result: withWhatServersAdd(bySdk, recording) };
    }
    default: {
      const bySdk = await readDirectly(replay, recording);
      return { bySdk, result: bySdk };
    }
  }
}

const nothing: ReadChoice = {
  text: "",
  refusal: null,
  reasoning: null,
  signatures: [],
  toolCalls: [],
  finish: null,
  citedUrls: [],
  logprobs: null,
};

/** Compatible servers have reasoning, citations and usage at places that OpenAI's SDK does not know. */
function withWhatServersAdd(bySdk: ReadResult, recording: Recording): ReadResult {
  if (bySdk.kind === "failure") return bySdk;
  const { calls, callIds, ...plain } = plainAnswer(recording);
  const [first = nothing, ...others] = bySdk.reading.choices;
  const choice: ReadChoice = {
    ...first,
    text: plain.text,
    reasoning: plain.reasoning || null,
    toolCalls: [
      ...calls.map((call, at) => ({ ...call, id: callIds[at] ?? null, arguments: parseArguments(call.arguments) })),
      ...legacyCalls(first),
    ],
    citedUrls: distinct(plain.urls),
    finish: first.finish === "eos" ? "stop" : first.finish,
  };
  const usage: ReadUsage | null = plain.usage && {
    input: plain.usage.prompt,
    cached: plain.usage.cached ?? null,
    cacheWrite: bySdk.reading.usage?.cacheWrite ?? null,
    output: plain.usage.completion,
    reasoning: plain.usage.reasoning ?? null,
  };
  return reading([choice, ...others], usage);
}

/** The predecessor of tool calls has no id; Snowflake sends an empty one along with every answer. */
function legacyCalls({ toolCalls }: ReadChoice): readonly ReadToolCall[] {
  return toolCalls
    .filter(({ id, name }) => id === LEGACY_CALL_ID && name !== "")
    .map((call) => ({ ...call, id: null }));
}

function readConverse(recording: Recording): ReadResult {
  const whole = recording.stream ? bedrock.readStream(recording) : converseWhole(JSON.parse(recording.response));
  const { text, reasoning, signatures, redacted, calls } = bedrock.readBlocks(whole.blocks);
  const usage = whole.metadata?.usage;
  const choice: ReadChoice = {
    ...nothing,
    text,
    reasoning: reasoning || null,
    signatures: distinct([...signatures, ...redacted]),
    toolCalls: calls.map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: bedrock.finishes[whole.stop?.stopReason] ?? null,
  };
  return reading(
    [choice],
    usage === undefined
      ? null
      : {
          input: usage.inputTokens + (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0),
          cached: usage.cacheReadInputTokens ?? null,
          cacheWrite: usage.cacheWriteInputTokens ?? null,
          output: usage.outputTokens,
          reasoning: null,
        },
  );
}

function converseWhole(body: bedrock.Wire): ReturnType<typeof bedrock.readStream> {
  return { blocks: body.output.message.content, stop: body, metadata: body };
}

function readCohere({ response, stream }: Recording): ReadResult {
  const { message, finish_reason, usage } = stream
    ? cohere.readStream(response)
    : (JSON.parse(response) as cohere.Wire);
  const { text, reasoning, calls } = cohere.said(message);
  const choice: ReadChoice = {
    ...nothing,
    text,
    reasoning: reasoning || null,
    toolCalls: calls.map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: cohere.finishes[finish_reason] ?? null,
  };
  const tokens = usage?.tokens;
  return reading(
    [choice],
    tokens === undefined
      ? null
      : {
          input: tokens.input_tokens + (tokens.image_tokens ?? 0),
          cached: usage?.cached_tokens ?? null,
          cacheWrite: null,
          output: tokens.output_tokens,
          reasoning: tokens.reasoning_tokens ?? null,
        },
  );
}
