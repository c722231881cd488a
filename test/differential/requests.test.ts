import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../support/recordings.ts";
import { toOpenAIChat } from "../support/to-openai-chat.ts";
import { anthropic, corpus, google, type Source } from "./corpus.ts";
import { applyAll, type Rule } from "./rules.ts";
import { anthropicRules } from "./rules-anthropic.ts";
import { geminiRules } from "./rules-gemini.ts";
import { type Bench, pinned, providerKeys, startBench } from "./setup.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

interface Translated extends Source {
  readonly rules: readonly Rule[];
  /** The header that carries the provider's key, and what is not in the recordings' paths the same way. */
  readonly keyHeader: string;
  path(recorded: string): string;
}

const translated: readonly Translated[] = [
  {
    ...anthropic,
    rules: anthropicRules,
    keyHeader: "x-api-key",
    // `?beta=true` only tells which surface of Anthropic's SDK was used.
    path: (recorded) => recorded.replace("?beta=true", ""),
  },
  {
    ...google,
    rules: geminiRules,
    keyHeader: "x-goog-api-key",
    path: (recorded) => recorded.replace(/:streamGenerateContent$/, ":streamGenerateContent?alt=sse"),
  },
];

describe.each(translated)("$provider is sent the recorded request for its equivalent in OpenAI's dialect", (source) => {
  const cases = corpus(source).flatMap((recording) => {
    const chat = toOpenAIChat(recording);
    return chat.kind === "expressible" ? [{ name: recording.name, recording, request: chat.request }] : [];
  });
  it.each(cases)("$name", async ({ recording, request }) => {
    const { sent, result } = await bench.ask(recording, { ...request, model: pinned(recording) });
    if (sent === null) expect.fail(`the gateway refused the call: ${JSON.stringify(result)}`);
    const body = applyAll(source.rules, JSON.parse(sent.body) as JsonObject);
    expect(body).toEqual(applyAll(source.rules, recording.request ?? {}));
    if (recording.path !== null) expect(sent.path).toBe(source.path(recording.path));
    expect(sent.headers[source.keyHeader]).toBe(providerKeys[recording.provider as keyof typeof providerKeys]);
    expect(sent.headers.authorization).toBeUndefined();
    for (const name of ["content-type", "anthropic-version"])
      expect(sent.headers[name], name).toBe(recording.requestHeaders[name] ?? sent.headers[name]);
  });
});
