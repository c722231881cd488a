// Replicate through the whole gateway: predictions made, streamed, waited for and cancelled, as its documentation and its own client's
// recordings have them.
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Received, Step } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { recording } from "../support/recordings.ts";
import { type Exchange, type Replay, startReplay } from "../support/replay.ts";

const key = "r8_replicate-upstream-0123456789";
const model = "replicate/meta/meta-llama-3-8b-instruct";
const path = "/v1/models/meta/meta-llama-3-8b-instruct/predictions";
const messages = [{ role: "user" as const, content: "Please write a haiku about llamas" }];

/** The answer of `Prefer: wait` as it was recorded: before its end, with all of its output. */
const early = recording("replicate", "models_predictions_create_blocking-True-True");
const haiku = JSON.parse(early.response);
const words = (haiku.output as string[]).join("");
/** The same prediction once it is over, with the metrics that Cog's documentation describes. */
const over = {
  ...haiku,
  status: "succeeded",
  metrics: { input_token_count: 17, output_token_count: 22, predict_time: 0.3 },
};

let replay: Replay;
let gateway: Gateway;
let openai: OpenAI;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({ env: { REPLICATE_API_TOKEN: key, REPLICATE_BASE_URL: `${replay.url}/v1` } });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
});
afterEach(() => expect(replay.clear()).toBe(0));
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const at = (method: string, where: string) => ({
  match: (request: Received) => request.method === method && request.path === where,
});
const json = (body: unknown, status = 200): (Step | string)[] => [
  { kind: "head", status, headers: { "content-type": "application/json" } },
  JSON.stringify(body),
];
const look = (...answers: readonly unknown[]): readonly Exchange[] =>
  answers.map((answer) => replay.script(() => json(answer), at("GET", `/v1/predictions/${haiku.id}`)));
const cancelled = () =>
  replay.script(() => json({ ...haiku, status: "canceled" }), at("POST", `/v1/predictions/${haiku.id}/cancel`));

/** Makes the prediction, whose stream is at `/stream/1` of the same server. */
function makes(stream: string | null = `${replay.url}/stream/1?secret=x`): Exchange {
  const { output: _, ...rest } = haiku;
  const urls = { ...haiku.urls, stream };
  return replay.script(() => json({ ...rest, status: "starting", urls }, 201), at("POST", path));
}

function streams(...pieces: readonly (Step | string)[]): Exchange {
  const head = { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } } as const;
  return replay.script(() => [head, ...pieces], at("GET", "/stream/1?secret=x"));
}

/** One event, each line of its data in a field of its own. */
const event = (name: string, data: string): string =>
  `event: ${name}\nid: 1690212292:0\n${data
    .split("\n")
    .map((line) => `data: ${line}\n`)
    .join("")}\n`;
const outputs = (haiku.output as string[]).map((piece) => event("output", piece));

const ask = (more: object = {}) => openai.chat.completions.create({ model, messages, ...more });

describe("an answer that is not streamed", () => {
  it("is waited for when Replicate answers before its end, and told with Replicate's own count", async () => {
    const made = replay.serve(early, at("POST", path));
    const input = { ...haiku.input, max_tokens: 22 };
    const looks = look({ ...haiku, output: null }, { ...over, input });
    const answer = await ask({ max_tokens: 22, temperature: 0.5 });
    expect(answer.choices[0]).toMatchObject({ message: { content: words }, finish_reason: "length" });
    expect(answer.usage).toMatchObject({ prompt_tokens: 17, completion_tokens: 22, total_tokens: 39 });
    const { headers, body } = await made.received;
    expect(headers).toMatchObject({ authorization: `Bearer ${key}`, prefer: "wait" });
    expect(JSON.parse(body)).toEqual({
      input: { prompt: messages[0]?.content, max_tokens: 22, temperature: 0.5 },
    });
    for (const one of looks) expect((await one.received).headers.authorization).toBe(`Bearer ${key}`);
  });

  it("fails as the prediction fails, and as the request is refused", async () => {
    replay.script(
      () => json({ ...over, status: "failed", output: null, error: "CUDA out of memory" }, 201),
      at("POST", path),
    );
    await expect(ask()).rejects.toMatchObject({ status: 502, message: expect.stringContaining("CUDA out of memory") });

    replay.script(
      () => json({ ...over, status: "failed", error: "The input was flagged as sensitive (E005)" }, 201),
      at("POST", path),
    );
    await expect(ask()).rejects.toMatchObject({ status: 400, code: "content_filter" });

    // Credentials of ours are no fault of the caller's.
    replay.serve(recording("replicate", "run__invalid-token"), at("POST", path));
    await expect(ask()).rejects.toMatchObject({ status: 502 });

    // nodetool-ai/nodetool, issue 5196.
    const slow = { detail: "Request was throttled. Your rate limit resets in ~5s.", status: 429, retry_after: 5 };
    replay.script(() => json(slow, 429), at("POST", path));
    const refused = await ask().catch((error: InstanceType<typeof OpenAI.APIError>) => error);
    expect(refused).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect((refused as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("5");
  });

  it("that is no prediction is a failure of the provider's", async () => {
    replay.script(() => json({ hello: "world" }), at("POST", path));
    await expect(ask()).rejects.toMatchObject({ status: 502, message: expect.stringContaining("not a prediction") });
  });
});

describe("a stream", () => {
  it("takes the prediction, its stream and its metrics, and the key goes to the API alone", async () => {
    const made = makes();
    const opened = streams(event("logs", "loading"), ...outputs, event("done", "{}"));
    look({ ...haiku, output: null }, over);
    const stream = openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    const answer = await stream.finalChatCompletion();
    expect(answer.choices[0]).toMatchObject({ message: { content: words }, finish_reason: "stop" });
    expect(answer.usage).toMatchObject({ prompt_tokens: 17, completion_tokens: 22 });
    const { headers, body } = await made.received;
    expect(headers).not.toHaveProperty("prefer");
    expect(JSON.parse(body)).toEqual({ input: { prompt: messages[0]?.content }, stream: true });
    const events = await opened.received;
    expect(events.headers).toMatchObject({ accept: "text/event-stream", "cache-control": "no-store" });
    expect(JSON.stringify(events)).not.toContain(key);
  });

  it("of a model that does not stream tells the whole answer at its end", async () => {
    makes(null);
    look(over);
    const answer = await openai.chat.completions.stream({ model, messages }).finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe(words);
  });

  it("is not fetched at an address that others can listen in on", async () => {
    makes("http://streams.example/v1/streams/1");
    look(over);
    const answer = await openai.chat.completions.stream({ model, messages }).finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe(words);
  });

  it("that reports an error before its first word is an error with a status", async () => {
    makes();
    streams(event("error", JSON.stringify({ detail: "The model is experiencing high demand." })));
    const cancel = cancelled();
    await expect(ask({ stream: true })).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("high demand"),
    });
    await cancel.received;
  });

  it("that breaks off ends with an error, and the prediction is cancelled", async () => {
    makes();
    streams(...outputs.slice(0, 3), { kind: "reset" });
    const cancel = cancelled();
    const read = async () => {
      for await (const _ of await openai.chat.completions.create({ model, messages, stream: true })) void _;
    };
    await expect(read()).rejects.toThrow(/connection to the provider/);
    expect((await cancel.received).headers.authorization).toBe(`Bearer ${key}`);
  });

  it("whose client goes away is cancelled, so that it is not billed to its end", async () => {
    makes();
    streams(...outputs.slice(0, 3), { kind: "hang" });
    const cancel = cancelled();
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
      if (chunk.choices[0]?.delta.content) break;
    }
    expect((await cancel.received).path).toBe(`/v1/predictions/${haiku.id}/cancel`);
  });
});

describe("what a model is asked", () => {
  const sent = async (asked: object): Promise<{ readonly path: string; readonly body: unknown }> => {
    const exchange = replay.script(() => json(over, 201));
    await openai.chat.completions.create(
      asked as Parameters<typeof ask>[0] & OpenAI.ChatCompletionCreateParamsNonStreaming,
    );
    const { path: where, body } = await exchange.received;
    return { path: where, body: JSON.parse(body) };
  };
  const talk = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "Who are you?" },
  ];
  const picture = {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ],
  };
  const transcript = "User: Hi\n\nAssistant: Hello!\n\nUser: Who are you?\n\nAssistant:";

  it("is the turns as they are, where it takes them", async () => {
    const asked = { model: "replicate/openai/gpt-4.1-mini", messages: talk, max_tokens: 9, presence_penalty: 0.5 };
    expect(await sent(asked)).toEqual({
      path: "/v1/models/openai/gpt-4.1-mini/predictions",
      body: { input: { messages: talk, max_completion_tokens: 9, presence_penalty: 0.5 } },
    });
  });

  it.each([
    ["anthropic/claude-4-sonnet", { prompt: transcript, system_prompt: "Be brief." }],
    ["google/gemini-2.5-flash", { prompt: transcript, system_instruction: "Be brief." }],
    ["deepseek-ai/deepseek-v3", { prompt: `Be brief.\n\n${transcript}` }],
  ])("is one text with the turns named, where it takes a prompt: %s", async (name, input) => {
    expect((await sent({ model: `replicate/${name}`, messages: talk })).body).toEqual({ input });
  });

  it.each([
    ["anthropic/claude-4-sonnet", { image: "data:image/png;base64,AAAA" }],
    ["openai/gpt-4o-mini", { image_input: ["data:image/png;base64,AAAA"] }],
    ["google/gemini-2.5-flash", { images: ["data:image/png;base64,AAAA"] }],
  ])("is pictures in the model's own input: %s", async (name, input) => {
    const { body } = await sent({ model: `replicate/${name}`, messages: [picture] });
    expect(body).toEqual({ input: { prompt: "What is this?", ...input } });
  });

  it("is a version or a deployment, where the name says so", async () => {
    const version = "02e509c789964a7ea8736978a43525956ef40397be9033abf9fd2badfe68c9e3";
    const input = { prompt: messages[0]?.content };
    expect(await sent({ model: `replicate/meta/llama-2-70b-chat:${version}`, messages })).toEqual({
      path: "/v1/predictions",
      body: { version, input },
    });
    expect((await sent({ model: "replicate/deployments/acme/my-llama", messages })).path).toBe(
      "/v1/deployments/acme/my-llama/predictions",
    );
  });

  it("is the model's own inputs as the client names them", async () => {
    const { body } = await sent({ model, messages, stop: ["END", "STOP"], input: { min_tokens: 5 } });
    expect(body).toEqual({
      input: { prompt: messages[0]?.content, stop_sequences: "END,STOP", min_tokens: 5 },
    });
  });

  it.each([
    ["tools", { tools: [{ type: "function", function: { name: "f", parameters: {} } }] }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["seed", { seed: 1 }],
    ["reasoning_effort", { reasoning_effort: "high" }],
    ["stop", { stop: ["a,b"] }],
    ["messages[0].content[1]", { messages: [picture] }],
  ])("is never less than was asked without a word: %s", async (param, more) => {
    await expect(ask(more)).rejects.toMatchObject({ status: 400, code: "unsupported_parameter" });
    const error = await ask(more).catch((cause: unknown) => cause);
    expect((error as { readonly param: string }).param).toBe(param.startsWith("messages") ? "messages" : param);
  });
});

describe("pictures", () => {
  const flux = "replicate/black-forest-labs/flux-schnell";
  const files = ["https://replicate.delivery/a/out-0.webp", "https://replicate.delivery/a/out-1.webp"];

  it("are told by their addresses", async () => {
    const exchange = replay.script(() => json({ ...over, output: files }, 201));
    const answer = await openai.images.generate({
      model: flux,
      prompt: "A llama",
      n: 2,
      size: "1792x1024",
      output_format: "png",
    });
    expect(answer).toEqual({ created: 1728065253, data: files.map((url) => ({ url })) });
    const { path: where, body } = await exchange.received;
    expect(where).toBe("/v1/models/black-forest-labs/flux-schnell/predictions");
    expect(JSON.parse(body)).toEqual({
      input: { prompt: "A llama", num_outputs: 2, aspect_ratio: "16:9", output_format: "png" },
    });
  });

  it("are not given as bytes, and the refusal says so", async () => {
    await expect(
      openai.images.generate({ model: flux, prompt: "A llama", response_format: "b64_json" }),
    ).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param: "response_format" });
  });
});
