import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Recording } from "../support/recordings.ts";
import { minimalChat } from "../support/to-openai-chat.ts";
import { anthropic, corpus, google } from "./corpus.ts";
import { type Bench, pinned, startBench } from "./setup.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** The events of the translated stream, as text, each checked to be one `data` line. */
async function events(recording: Recording, options: { readonly usage: boolean }): Promise<readonly string[]> {
  bench.replay.serve(recording, { mode: { kind: "cut", seed: 5 } });
  const { stream_options: _, ...request } = minimalChat(recording);
  const response = await fetch(`${bench.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${bench.key}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...request,
      model: pinned(recording),
      ...(options.usage ? { stream_options: { include_usage: true } } : {}),
    }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const frames = (await response.text()).split("\n\n");
  expect(frames.pop(), "the stream ends with a blank line").toBe("");
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: [^\n]+$/);
    return frame.slice("data: ".length);
  });
}

const parse = (data: string) => JSON.parse(data) as ChatCompletionChunk;

describe.each([anthropic, google])("a stream of $provider reaches the client as OpenAI would send it", (source) => {
  const streams = corpus(source).filter(({ stream, status }) => stream && status === 200);
  const cases = streams.map((recording) => ({ name: recording.name, recording }));

  it.each(cases)("$name", async ({ recording }) => {
    const all = await events(recording, { usage: true });
    expect(all.at(-1), "the last event").toBe("[DONE]");
    const chunks = all.slice(0, -1).map(parse);
    expect(new Set(chunks.map(({ id, model, created }) => `${id} ${model} ${created}`)).size, "one id").toBe(1);
    expect(chunks[0]?.id).toBeTruthy();
    expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(["chat.completion.chunk"]));

    const last = chunks.at(-1);
    expect(last?.choices, "the usage chunk has no choices").toEqual([]);
    expect(last?.usage?.total_tokens).toBe((last?.usage?.prompt_tokens ?? 0) + (last?.usage?.completion_tokens ?? 0));
    const content = chunks.slice(0, -1);
    expect(content.every(({ usage }) => usage === null || usage === undefined)).toBe(true);

    const choices = content.flatMap((chunk) => chunk.choices);
    expect(new Set(choices.map(({ index }) => index))).toEqual(new Set([0]));
    expect(choices.map(({ delta }) => delta.role ?? null).filter((role) => role !== null)).toEqual(["assistant"]);
    expect(choices[0]?.delta.role).toBe("assistant");
    expect(choices.filter(({ finish_reason }) => finish_reason !== null)).toHaveLength(1);
    expect(choices.at(-1)?.finish_reason).toMatch(/^(stop|length|tool_calls|content_filter)$/);
    expectToolCallsInOrder(choices.flatMap(({ delta }) => delta.tool_calls ?? []));
  });

  it.each(cases.slice(0, 3))("without usage that was not asked for: $name", async ({ recording }) => {
    const all = await events(recording, { usage: false });
    expect(all.at(-1)).toBe("[DONE]");
    const chunks = all.slice(0, -1).map(parse);
    expect(chunks.every(({ usage }) => usage === null || usage === undefined)).toBe(true);
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true);
  });
});

/** Each call begins once, with its id and name, in the order of its index; what follows are pieces of its arguments. */
function expectToolCallsInOrder(deltas: readonly ChatCompletionChunk.Choice.Delta.ToolCall[]): void {
  const begun = deltas.filter(({ id }) => id !== undefined);
  expect(begun.map(({ index }) => index)).toEqual(begun.map((_, position) => position));
  for (const call of begun) {
    expect(call.type).toBe("function");
    expect(call.function?.name).toBeTruthy();
  }
  const known = new Set<number>();
  for (const call of deltas) {
    if (call.id !== undefined) known.add(call.index);
    else expect(call.function?.name, "the name comes once").toBeUndefined();
    expect(known.has(call.index), "arguments come after the beginning of their call").toBe(true);
  }
}
