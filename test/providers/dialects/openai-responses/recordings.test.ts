// Every recorded answer of the responses API, read by the dialect and by the official SDK: both read the same.
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import { openaiResponses } from "../../../../providers/dialects/openai-responses/index.ts";
import { type Replay, startReplay } from "../../../support/replay.ts";
import { collect } from "../openai-chat/collect.ts";
import { framesOf } from "../openai-chat/frames.ts";
import { ciphertexts, decodeAll, decoded, reported, said } from "./neutral.ts";
import { raised, readingOf, readStream, readWhole } from "./official-sdk.ts";
import { failures, named, streams, whole } from "./responses-recordings.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

function reportedBySdk(usage: Response["usage"] | null) {
  return usage
    ? {
        input: usage.input_tokens,
        cached: usage.input_tokens_details.cached_tokens,
        written: usage.input_tokens_details.cache_write_tokens,
        output: usage.output_tokens,
        reasoning: usage.output_tokens_details.reasoning_tokens,
      }
    : null;
}

function finishBySdk({ status, incomplete_details }: Response, called: boolean): string {
  if (status === "incomplete") return incomplete_details?.reason === "content_filter" ? "content-filter" : "length";
  return called ? "tool-calls" : "stop";
}

function expectSame(completion: Completion, response: Response): void {
  const [choice] = completion.choices;
  const parts = choice?.content ?? [];
  const reading = readingOf(response);
  expect(completion).toMatchObject({ id: response.id, model: response.model, createdS: response.created_at });
  expect(said(parts)).toEqual({
    text: reading.text,
    refusal: reading.refusal,
    reasoning: reading.reasoning,
    calls: reading.calls,
    pictures: reading.pictures,
    sources: reading.sources,
  });
  expect(ciphertexts(parts)).toEqual(reading.ciphertexts);
  expect((choice?.logprobs?.content ?? []).map(({ logprob }) => logprob)).toEqual(reading.logprobs);
  expect(choice?.finish).toBe(finishBySdk(response, reading.calls.length > 0));
  expect(reported(completion.usage)).toEqual(reportedBySdk(reading.usage));
}

describe("a recorded answer", () => {
  it("is one of many", () => {
    expect(whole.length).toBeGreaterThan(100);
    expect(streams.length).toBeGreaterThan(40);
    expect(failures.length).toBeGreaterThan(7);
  });

  it.each(named(whole))("%s is read as the SDK reads it", async (_name, recording) => {
    const response = await readWhole(replay.serve(recording));
    expectSame(decoded(JSON.parse(recording.response)), response);
    expect(openaiResponses().usage(JSON.parse(recording.response))).toEqual(
      decoded(JSON.parse(recording.response)).usage,
    );
  });

  it.each(named(whole))("%s keeps the order of its items", (_name, recording) => {
    const { output } = JSON.parse(recording.response) as Response;
    const parts = decoded(JSON.parse(recording.response)).choices[0]?.content ?? [];
    expect(parts.map(({ type }) => type)).toEqual(output.flatMap(kindsIn));
  });
});

/** The parts that an item must become; an empty one becomes none. */
function kindsIn(item: Response["output"][number]): readonly string[] {
  switch (item.type) {
    case "reasoning": {
      const shown = item.summary.length > 0 || item.content?.length || item.encrypted_content;
      return shown ? ["reasoning"] : [];
    }
    case "message":
      return item.content.flatMap((part) => (part.type === "output_text" && part.text === "" ? [] : ["text"]));
    case "function_call":
      return ["tool-call"];
    case "image_generation_call":
      return ["output-image"];
    default:
      return [];
  }
}

/** What was streamed before the last event, which repeats it all. */
function deltas(events: readonly ResponseStreamEvent[]) {
  const of = (type: string) =>
    events.map((event) => (event.type === type && "delta" in event ? String(event.delta) : "")).join("");
  return { text: of("response.output_text.delta"), refusal: of("response.refusal.delta") };
}

describe("a recorded stream", () => {
  it.each(named(streams))("%s adds up to what the SDK reads", async (_name, recording) => {
    const { events, response } = await readStream(replay.serve(recording));
    const collected = collect(decodeAll(framesOf(recording.response)));
    const reading = readingOf({ ...response, output_text: deltas(events).text });
    const choice = collected.choices.get(0);
    expect(collected.failure).toBeNull();
    expect(collected.start).toMatchObject({ id: response.id, model: response.model, createdS: response.created_at });
    expect(said(choice?.parts ?? [])).toEqual({
      text: reading.text,
      refusal: reading.refusal,
      reasoning: reading.reasoning,
      calls: reading.calls,
      pictures: reading.pictures,
      sources: reading.sources,
    });
    expect(choice?.finish).toBe(finishBySdk(response, reading.calls.length > 0));
    expect(reported(collected.usage)).toEqual(reportedBySdk(reading.usage));
  });

  it.each(named(streams))("%s has the parts of its last event, in the same order", (_name, recording) => {
    const frames = framesOf(recording.response);
    const last = JSON.parse(frames.at(-1)?.data ?? "{}") as { response: Response };
    // OpenAI encrypts reasoning anew whenever it tells it.
    const bare = (parts: readonly object[]) => parts.map((part) => ({ ...part, encrypted: "encrypted" in part }));
    const streamed = collect(decodeAll(frames)).choices.get(0)?.parts ?? [];
    expect(bare(streamed)).toEqual(bare(decoded(last.response).choices[0]?.content ?? []));
  });

  it.each(named(streams))("%s gives the ciphertexts of its items", (_name, recording) => {
    const frames = framesOf(recording.response);
    const done = frames
      .map(({ data }) => JSON.parse(data))
      .filter(({ type, item }) => type === "response.output_item.done" && item.type === "reasoning")
      .flatMap(({ item }) => item.encrypted_content || []);
    expect(ciphertexts(collect(decodeAll(frames)).choices.get(0)?.parts ?? [])).toEqual(done);
  });

  it.each(named(streams))("%s that lost all its deltas says the same by its items", (_name, recording) => {
    const frames = framesOf(recording.response);
    const without = frames.filter(({ event }) => !event?.endsWith(".delta") && !event?.endsWith("annotation.added"));
    const parts = (list: typeof frames) => collect(decodeAll(list)).choices.get(0)?.parts;
    expect(parts(without)).toEqual(parts(frames));
  });

  it.each(named(streams))("%s that was cut before its end is a failure", (_name, recording) => {
    const frames = framesOf(recording.response);
    const { failure } = collect(decodeAll(frames.slice(0, -1)));
    expect(failure).toMatchObject({ kind: "protocol", message: "The provider's stream ended before its end." });
  });
});

describe("a recorded failure", () => {
  const kinds: Readonly<Record<string, string>> = {
    "test_model_name_suggestions-test_inferred_model_name_suggestion.0": "not_found",
    "openai-openai-error.1.chunks": "quota",
    "openai-openai-error.1": "quota",
    "openai-reasoning-model-temperature-error": "bad_request",
    "chat-error-handling-with-openai-gpt-5-nano-raises-appropriate-auth-error": "authentication",
    "context-context-chat-operations-uses-context-specific-api-keys": "authentication",
    "response-create-error": "not_found",
  };
  const kindOf = (name: string) =>
    kinds[name] ?? (name.includes("direct-url-audio") ? "bad_request" : name.includes("xai") ? "authentication" : "?");

  it.each(named(failures.filter(({ stream }) => !stream)))("%s has its kind and words", async (_name, recording) => {
    const { status, response, name } = recording;
    const body: unknown = JSON.parse(response);
    const failure = status === 200 ? openaiResponses().decode(body) : openaiResponses().error(status, () => null, body);
    expect(failure).toMatchObject({ kind: kindOf(name) });
    if (status === 200) return;
    const error = await raised(readWhole(replay.serve(recording)));
    const { message } = failure as { message: string };
    expect(error.message).toContain(message);
    expect(failure).toMatchObject({ status: error.status });
  });

  it.each(named(failures.filter(({ stream }) => stream)))("%s breaks its stream off once", async (_name, recording) => {
    const { failure, choices, usage } = collect(decodeAll(framesOf(recording.response)));
    const error = await raised(readStream(replay.serve(recording)));
    expect(failure).toMatchObject({ kind: kindOf(recording.name), code: error.code });
    expect(error.message).toContain(failure?.message ?? "no failure");
    expect(choices.size).toBe(0);
    expect(usage).toBeNull();
  });
});
