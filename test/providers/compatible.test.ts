// Every recorded chat answer of every OpenAI-compatible provider: read by that provider's own dialect, compared with what
// its JSON says, and told to an OpenAI client.
import { describe, expect, it } from "vitest";
import { configuredProviders } from "../../providers/configured.ts";
import type { Provider } from "../../providers/define.ts";
import type { FinishReason } from "../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../providers/dialects/conversation.ts";
import type { ClientDialect } from "../../providers/dialects/dialect.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { providers } from "../../providers/index.ts";
import { schemaErrors } from "../support/openai-schema.ts";
import { type Recording, recordedProviders, recordings } from "../support/recordings.ts";
import { collect } from "./dialects/openai-chat/collect.ts";
import { framesOf } from "./dialects/openai-chat/frames.ts";
import { plainAnswer } from "./plain-chat.ts";

/** A provider that the environment describes: what reads servers that have no file of their own. */
const described = (
  configuredProviders({ TURNPIKE_PROVIDER_ANY_BASE_URL: "http://localhost:1/v1" }, new Set()) as [Provider]
)[0];

/** File of recordings → the provider that reads them. */
const readers: Readonly<Record<string, string>> = {
  alibaba: "alibaba",
  azure: "azure",
  "bedrock-mantle": described.id,
  cerebras: "cerebras",
  deepseek: "deepseek",
  groq: "groq",
  heroku: described.id,
  huggingface: "huggingface",
  mistral: "mistral",
  moonshot: "moonshotai",
  ollama: "ollama",
  "openai-compatible": described.id,
  openrouter: "openrouter",
  perplexity: "perplexity",
  snowflake: "snowflake-cortex",
  together: "together",
  xai: "xai",
  zai: "zai",
};

/** Files whose chat recordings other tests read. */
const elsewhere: Readonly<Record<string, string>> = {
  openai: "test/providers/dialects/openai-chat/recordings.test.ts",
};

function chats(file: string): readonly Recording[] {
  return ["openai-chat", "mistral"].flatMap((dialect) => recordings(file, { dialect }));
}

/** A stream that began with status 200 and ended in an error. */
function breaks({ stream, response }: Recording): boolean {
  return stream && /^data: ?\{"error":/m.test(response);
}

/** Who reads a file, and how. */
function reader(file: string): { readonly id: string; readonly dialect: ClientDialect } {
  const id = readers[file] ?? "";
  const dialect = id === described.id ? described.dialect : providers.find((one) => one.id === id)?.dialect;
  if (!dialect) throw new Error(`no provider ${id} reads the recordings of ${file}`);
  return { id, dialect };
}

const finishes: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
};

/** What our parts say, in the plain reader's terms. */
function told(parts: readonly AssistantPart[], usage: Usage | null) {
  const all = (type: "text" | "reasoning") => parts.map((part) => (part.type === type ? part.text : "")).join("");
  return {
    text: all("text"),
    reasoning: all("reasoning"),
    calls: parts.flatMap((part) => (part.type === "tool-call" ? [{ name: part.name, arguments: part.arguments }] : [])),
    urls: parts.flatMap((part) => (part.type === "text" ? (part.citations ?? []).map(({ url }) => url) : [])),
    usage:
      usage === null
        ? null
        : {
            prompt: totalInput(usage),
            completion: totalOutput(usage),
            cached: usage.cachedInputTokens,
            reasoning: usage.reasoningTokens,
          },
  };
}

/** A recording as its provider's dialect reads it. */
function read(recording: Recording, { dialect }: ReturnType<typeof reader>) {
  if (!recording.stream) {
    const completion = dialect.decode(JSON.parse(recording.response));
    if ("kind" in completion) throw new Error(`read as a failure: ${completion.message}`);
    const [choice] = completion.choices;
    if (choice === undefined) throw new Error("no choice");
    return { ...told(choice.content, completion.usage), finish: choice.finish };
  }
  const decoder = dialect.stream();
  const events = [...framesOf(recording.response).flatMap((frame) => decoder.push(frame)), ...decoder.end()];
  const { choices, usage, failure } = collect(events);
  if (failure !== null) throw new Error(`read as a failure: ${failure.message}`);
  const choice = choices.get(0);
  if (choice === undefined) throw new Error("no choice");
  return { ...told(choice.parts, usage), finish: choice.finish };
}

/** Messages without what another vendor may have added to them: reasoning under several names, and long call ids. */
function withoutEchoes(messages: unknown): unknown {
  return JSON.parse(JSON.stringify(messages), (name, value) =>
    ["reasoning", "reasoning_content", "id", "tool_call_id"].includes(name) ? undefined : value,
  );
}

const context = { fallbackId: "chatcmpl-1", nowS: 1_700_000_000, model: "told", includeUsage: true };

describe.each(Object.keys(readers))("what %s answered", (file) => {
  const all = chats(file);
  const answers = all.filter((recording) => recording.status < 400 && !breaks(recording));
  const failures = all.filter(({ status }) => status >= 400);
  const by = reader(file);
  const named = (list: readonly Recording[]) => list.map((recording) => [recording.name, recording] as const);

  it.each(named(answers))("%s says what its JSON says", (_name, recording) => {
    const { finish, callIds: _, ...plain } = plainAnswer(recording);
    const { finish: reason, ...ours } = read(recording, by);
    expect(ours).toEqual(plain);
    const word = finishes[finish ?? "stop"];
    expect(reason).toBe(word === "stop" && plain.calls.length > 0 ? "tool-calls" : word);
  });

  it.each(named(answers))("%s can be told to an OpenAI client", (_name, recording) => {
    if (!recording.stream) {
      const completion = by.dialect.decode(JSON.parse(recording.response));
      if ("kind" in completion) throw new Error(completion.message);
      expect(schemaErrors("completion", openaiChatServer.write(completion, context, { usd: null }))).toEqual([]);
      return;
    }
    const decoder = by.dialect.stream();
    const encoder = openaiChatServer.stream(context);
    let text = framesOf(recording.response)
      .map((frame) => encoder.push(decoder.push(frame)))
      .join("");
    text += encoder.push(decoder.end()) + encoder.end(decoder.usage, { usd: null });
    const chunks = framesOf(text).filter(({ data }) => data !== "[DONE]");
    for (const { data } of chunks) expect(schemaErrors("chunk", JSON.parse(data))).toEqual([]);
    const again = plainAnswer({ ...recording, response: text });
    const plain = plainAnswer(recording);
    expect({ text: again.text, calls: again.calls, usage: again.usage }).toEqual({
      text: plain.text,
      calls: plain.calls,
      usage: plain.usage,
    });
  });

  const asked = answers.filter(({ request }) => request !== null);
  if (asked.length > 0) {
    it.each(named(asked))("the request of %s, which was taken, is passed on with its words", (_name, { request }) => {
      const body: Readonly<Record<string, unknown>> = request ?? {};
      const { set, remove } = by.dialect.edits(body, { providerId: by.id, model: String(body.model), traits: {} });
      const { model, stream_options, messages, ...changed } = set;
      expect(model).toBe(body.model);
      // DeepSeek's switch beside a level that a client asks for.
      expect(changed).toEqual("thinking" in set ? { thinking: { type: "enabled" } } : {});
      expect(remove.filter((name) => name !== "models" && name !== "provider")).toEqual([]);
      if (messages !== undefined) expect(withoutEchoes(messages)).toEqual(withoutEchoes(body.messages));
    });
  }

  const streams = answers.filter(({ stream }) => stream);
  if (streams.length > 0) {
    it.each(named(streams))("%s gives its watcher the end and the usage that the decoder reads", (_name, recording) => {
      const decoder = by.dialect.stream();
      const watcher = by.dialect.watch();
      for (const frame of framesOf(recording.response)) {
        decoder.push(frame);
        expect(watcher.glance(frame).kind).not.toBe("error");
      }
      expect(watcher.usage).toEqual(decoder.usage);
      expect(watcher.ended).toBe(true);
    });
  }

  const broken = all.filter(breaks);
  if (broken.length > 0) {
    it.each(named(broken))("%s is seen to fail by its decoder and its watcher", (_name, recording) => {
      const said = /"message": ?"([^"]*)"/.exec(recording.response)?.[1];
      const frames = framesOf(recording.response);
      const watcher = by.dialect.watch();
      const seen = frames.map((frame) => watcher.glance(frame)).find(({ kind }) => kind === "error");
      const decoder = by.dialect.stream();
      const { failure } = collect([...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()]);
      expect(failure).toMatchObject({ kind: "bad_request", message: said });
      expect(seen?.failure).toEqual(failure);
    });
  }

  if (failures.length > 0) {
    it.each(named(failures))("%s is told apart by what it is", (_name, recording) => {
      const { status, responseHeaders, response } = recording;
      const failure = by.dialect.error(status, (name) => responseHeaders[name] ?? null, JSON.parse(response));
      const kinds: Readonly<Record<number, string>> = {
        400: response.includes("too_many_prompt_tokens") ? "context_length" : "bad_request",
        401: "authentication",
        404: "not_found",
        429: "rate_limit",
      };
      expect(failure).toMatchObject({ kind: kinds[status], status });
      expect(response).toContain(JSON.stringify(failure.message).slice(1, -1).slice(0, 60));
    });
  }
});

describe("the recordings", () => {
  it("are all read by somebody", () => {
    const unread = recordedProviders().filter((file) => chats(file).length > 0 && !(file in readers));
    expect(unread.filter((file) => !(file in elsewhere))).toEqual([]);
  });

  it("of each provider are so many", () => {
    const counts = Object.keys(readers).map((file) => {
      const all = chats(file);
      const failed = all.filter(({ status }) => status >= 400).length;
      const broken = all.filter(breaks).length;
      const streamed = all.filter(({ stream, status }) => stream && status < 400).length - broken;
      const whole = all.length - failed - streamed - broken;
      return `${file}: ${whole} whole, ${streamed} streamed, ${failed} failed, ${broken} broken off`;
    });
    expect(counts).toMatchInlineSnapshot(`
      [
        "alibaba: 3 whole, 1 streamed, 0 failed, 0 broken off",
        "azure: 10 whole, 2 streamed, 3 failed, 0 broken off",
        "bedrock-mantle: 1 whole, 0 streamed, 0 failed, 0 broken off",
        "cerebras: 9 whole, 0 streamed, 0 failed, 0 broken off",
        "deepseek: 15 whole, 3 streamed, 1 failed, 0 broken off",
        "groq: 22 whole, 6 streamed, 2 failed, 2 broken off",
        "heroku: 1 whole, 0 streamed, 0 failed, 0 broken off",
        "huggingface: 6 whole, 1 streamed, 0 failed, 0 broken off",
        "mistral: 29 whole, 8 streamed, 0 failed, 0 broken off",
        "moonshot: 1 whole, 0 streamed, 0 failed, 0 broken off",
        "ollama: 8 whole, 5 streamed, 1 failed, 0 broken off",
        "openai-compatible: 2 whole, 1 streamed, 0 failed, 0 broken off",
        "openrouter: 33 whole, 8 streamed, 2 failed, 0 broken off",
        "perplexity: 4 whole, 1 streamed, 1 failed, 0 broken off",
        "snowflake: 6 whole, 0 streamed, 0 failed, 0 broken off",
        "together: 2 whole, 2 streamed, 0 failed, 0 broken off",
        "xai: 2 whole, 2 streamed, 0 failed, 0 broken off",
        "zai: 5 whole, 1 streamed, 0 failed, 0 broken off",
      ]
    `);
  });
});
