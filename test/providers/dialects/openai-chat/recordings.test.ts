// Every recorded answer of OpenAI chat: read by the dialect, compared with what the JSON itself says, written anew, validated.
import type { ChatCompletion, ChatCompletionChunk } from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { openaiChat, openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";
import { schemaErrors } from "../../../support/openai-schema.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";
import { type Collected, collect } from "./collect.ts";
import { chunksOf, decodeAll, framesOf } from "./frames.ts";

/** Filed under chat by its source, but an answer of the completions endpoint. */
const notChat = "openai-openai-completion-text";
const answers = recordings("openai", { dialect: "openai-chat", failed: false }).filter(({ name }) => name !== notChat);
const whole = answers.filter(({ stream }) => !stream);
const streams = answers.filter(({ stream }) => stream);
const failures = recordings("openai", { dialect: "openai-chat", failed: true });
const context = { fallbackId: "chatcmpl-fallback", nowS: 1_700_000_000, model: "openai/told", includeUsage: true };
const named = (all: readonly Recording[]) => all.map((recording) => [recording.name, recording] as const);

function textOf(parts: readonly AssistantPart[], type: "text" | "refusal"): string {
  return parts.map((part) => (part.type === type ? part.text : "")).join("");
}

function callsOf(parts: readonly AssistantPart[]) {
  return parts.flatMap((part) => (part.type === "tool-call" ? [{ name: part.name, arguments: part.arguments }] : []));
}

/** The totals and details that OpenAI reports, from our counters. */
function reported(usage: Usage | null) {
  if (usage === null) return null;
  return {
    prompt: totalInput(usage),
    completion: totalOutput(usage),
    cached: usage.cachedInputTokens,
    written: usage.cacheWriteTokens,
    reasoning: usage.reasoningTokens,
  };
}

function reportedByJson(usage: ChatCompletion["usage"] | null) {
  if (usage === undefined || usage === null) return null;
  return {
    prompt: usage.prompt_tokens,
    completion: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens,
    written: usage.prompt_tokens_details?.cache_write_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
  };
}

function finishOfJson(word: string | null, called: boolean): string {
  const reason = (word ?? "stop").replace("function_call", "tool_calls").replace("_", "-");
  return reason === "stop" && called ? "tool-calls" : reason;
}

function decoded(recording: Recording): Completion {
  const completion = openaiChat().decode(JSON.parse(recording.response));
  if ("kind" in completion) throw new Error(`${recording.name} was read as a failure: ${completion.message}`);
  return completion;
}

describe("whole answers", () => {
  it("are there to be read", () => expect(whole.length).toBeGreaterThan(30));

  it.each(named(whole))("%s says what its JSON says", (_name, recording) => {
    const json = JSON.parse(recording.response) as ChatCompletion;
    const completion = decoded(recording);
    expect(completion).toMatchObject({ id: json.id, model: json.model, createdS: json.created });
    expect(completion.serviceTier).toBe(json.service_tier ?? null);
    expect(completion.systemFingerprint).toBe(json.system_fingerprint || null);
    expect(reported(completion.usage)).toEqual(reportedByJson(json.usage));
    expect(completion.choices.map((choice) => choice.index)).toEqual(json.choices.map((choice) => choice.index));
    for (const [at, choice] of completion.choices.entries()) {
      const { message, finish_reason, logprobs } = json.choices[at] as ChatCompletion.Choice;
      const calls = (message.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [call.function] : []));
      if (message.function_call) calls.push(message.function_call);
      expect(textOf(choice.content, "text")).toBe(message.content ?? "");
      expect(textOf(choice.content, "refusal")).toBe(message.refusal ?? "");
      expect(callsOf(choice.content)).toEqual(calls);
      expect(choice.finish).toBe(finishOfJson(finish_reason, calls.length > 0));
      expect(choice.rawFinish).toBe(finish_reason);
      expect(choice.logprobs?.content ?? null).toEqual(logprobs?.content ?? null);
    }
  });

  it.each(named(whole))("%s is written so that it keeps to OpenAI's schema and says the same", (_name, recording) => {
    const json = JSON.parse(recording.response) as ChatCompletion;
    const written = openaiChatServer.write(decoded(recording), context, { usd: "0.00012" });
    expect(schemaErrors("completion", written)).toEqual([]);
    const chat = written as unknown as ChatCompletion;
    expect(chat).toMatchObject({ id: json.id, created: json.created, model: "openai/told" });
    for (const [at, choice] of chat.choices.entries()) {
      const before = json.choices[at]?.message;
      expect(choice.message.content ?? "").toBe(before?.content ?? "");
      expect(choice.message.refusal).toBe(before?.refusal ?? null);
      expect(choice.message.annotations ?? []).toEqual(before?.annotations ?? []);
      if (before?.tool_calls) expect(choice.message.tool_calls).toEqual(before.tool_calls);
    }
    expect(chat.usage).toMatchObject({ total_tokens: json.usage?.total_tokens, cost: 0.00012 });
  });
});

/** What a stream says, added up from its chunks in the plainest way. */
function addedUp(recording: Recording) {
  const choices = new Map<
    number,
    { text: string; calls: { name: string; arguments: string }[]; finish: string | null }
  >();
  let usage: ChatCompletionChunk["usage"] = null;
  const tokens: string[] = [];
  for (const chunk of chunksOf(recording.response) as unknown as ChatCompletionChunk[]) {
    usage = chunk.usage ?? usage;
    for (const { index, delta, finish_reason, logprobs } of chunk.choices) {
      const choice = choices.get(index) ?? { text: "", calls: [], finish: null };
      choices.set(index, choice);
      choice.text += delta.content ?? "";
      choice.finish ??= finish_reason;
      tokens.push(...(logprobs?.content ?? []).map(({ token }) => token));
      for (const call of delta.tool_calls ?? []) {
        const known = choice.calls[call.index] ?? { name: call.function?.name ?? "", arguments: "" };
        choice.calls[call.index] = known;
        known.arguments += call.function?.arguments ?? "";
      }
    }
  }
  return { choices, usage, tokens };
}

function read(recording: Recording): Collected {
  return collect(decodeAll(framesOf(recording.response)));
}

describe("streams", () => {
  it("are there to be read", () => expect(streams.length).toBeGreaterThan(15));

  it.each(named(streams))("%s says what its chunks say", (_name, recording) => {
    const plain = addedUp(recording);
    const { choices, usage, failure, start } = read(recording);
    expect(failure).toBeNull();
    expect(start?.model).not.toBe("");
    expect([...choices.keys()].sort()).toEqual([...plain.choices.keys()].sort());
    for (const [index, { text, calls, finish }] of plain.choices) {
      const choice = choices.get(index);
      expect(textOf(choice?.parts ?? [], "text")).toBe(text);
      expect(callsOf(choice?.parts ?? [])).toEqual(calls);
      expect(choice?.finish).toBe(finishOfJson(finish, calls.length > 0));
      expect(choice?.raw).toBe(finish);
    }
    expect([...choices.values()].flatMap(({ logprobs }) => logprobs.map(({ token }) => token))).toEqual(plain.tokens);
    expect(reported(usage)).toEqual(reportedByJson(plain.usage));
  });

  it.each(named(streams))("%s begins once, and each choice finishes once", (_name, recording) => {
    const events = decodeAll(framesOf(recording.response));
    expect(events.filter(({ type }) => type === "start")).toHaveLength(1);
    expect(events[0]?.type).toBe("start");
    const finished = events.flatMap((event) => (event.type === "finish" ? [event.choice] : []));
    expect(finished).toEqual([...new Set(finished)]);
  });

  it.each(named(streams))(
    "%s is written so that each chunk keeps to OpenAI's schema and all say the same",
    (_n, recording) => {
      const encoder = openaiChatServer.stream(context);
      const decoder = openaiChat().stream();
      let text = "";
      for (const frame of framesOf(recording.response)) text += encoder.push(decoder.push(frame));
      text += encoder.push(decoder.end()) + encoder.end(decoder.usage, { usd: null });
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      for (const chunk of chunksOf(text)) expect(schemaErrors("chunk", chunk)).toEqual([]);
      const again = collect(decodeAll(framesOf(text)));
      const before = read(recording);
      for (const [index, { parts, finish, logprobs }] of before.choices) {
        expect(again.choices.get(index)).toMatchObject({ parts, finish, logprobs });
      }
      expect(again.usage).toEqual(before.usage);
      expect(again.start?.id).toBe(before.start?.id);
    },
  );

  it.each(named(streams))("%s gives its watcher the usage that the decoder reads", (_name, recording) => {
    const decoder = openaiChat().stream();
    const watcher = openaiChat().watch();
    for (const frame of framesOf(recording.response)) {
      decoder.push(frame);
      watcher.glance(frame);
    }
    expect(watcher.usage).toEqual(decoder.usage);
    expect(watcher.ended).toBe(true);
  });

  it.each(named(streams))("%s shows its watcher content exactly from its first word on", (_name, recording) => {
    const decoder = openaiChat().stream();
    const watcher = openaiChat().watch();
    let begun = false;
    for (const frame of framesOf(recording.response)) {
      begun ||= decoder.push(frame).some(({ type }) => type !== "start" && type !== "usage");
      const { kind } = watcher.glance(frame);
      if (frame.data !== "[DONE]") expect(kind === "content" || kind === "usage").toBe(begun);
    }
  });
});

describe("errors", () => {
  const kinds: Readonly<Record<number, string>> = { 400: "bad_request", 401: "authentication", 404: "not_found" };

  it.each(named(failures))("%s is told apart by what it is", (_name, recording) => {
    const body = JSON.parse(recording.response);
    const failure = openaiChat().error(recording.status, (name) => recording.responseHeaders[name] ?? null, body);
    expect(failure).toEqual({
      kind: kinds[recording.status],
      message: body.error.message,
      status: recording.status,
      code: body.error.code,
      param: body.error.param ?? null,
      retryAfterMs: null,
    });
  });
});
