// Moderations, pictures and sound: the official client gets what providers answered, and each call is accounted in its own unit.
import { toFile } from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { recording, recordings } from "../support/recordings.ts";
import { asked, startWorld, type World } from "./operations.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterEach(() => {
  world.replay.clear();
});

afterAll(() => world.close());

function answer(body: object | Uint8Array, type = "application/json") {
  const bytes = body instanceof Uint8Array ? body : JSON.stringify(body);
  return [{ kind: "head" as const, status: 200, headers: { "content-type": type } }, bytes];
}

describe("moderations", () => {
  const recorded = recordings("openai", { dialect: "openai-moderations" }).map((one) => [one.name, one] as const);

  test.each(recorded)("%s is answered as it was recorded, for nothing", async (_name, one) => {
    world.replay.serve(one);
    const { data, response } = await world.openai.moderations.create(asked(one)).withResponse();
    expect(data).toMatchObject(JSON.parse(one.response));
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({ status: "completed", operation: "moderations", cost_usd: "0" });
    expect(call.usage).toMatchObject({ estimated: true });
  });

  test("need no model", async () => {
    const exchange = world.replay.serve(recording("openai", "moderation"));
    await world.openai.moderations.create({ input: "Hello" });
    expect(JSON.parse((await exchange.received).body)).toEqual({ input: "Hello", model: "omni-moderation-latest" });
  });

  test("of Mistral say `flagged` too", async () => {
    world.replay.script(() =>
      answer({
        id: "m",
        model: "mistral-moderation-latest",
        results: [{ categories: { pii: true } }, { categories: { pii: false } }],
      }),
    );
    const moderation = await world.openai.moderations.create({
      model: "mistral/mistral-moderation-latest",
      input: ["a", "b"],
    });
    expect(moderation.results.map(({ flagged }) => flagged)).toEqual([true, false]);
  });
});

describe("pictures", () => {
  test("come as they were recorded, and are counted", async () => {
    const one = recording("openai", "image-create");
    const exchange = world.replay.serve(one);
    const { data, response } = await world.openai.images
      .generate({ ...(one.request as { prompt: string }), model: "openai/dall-e-2" })
      .withResponse();
    expect(data).toMatchObject(JSON.parse(one.response));
    expect(JSON.parse((await exchange.received).body)).toEqual({ ...one.request, model: "dall-e-2" });
    const call = await world.ledger(response.headers.get("x-request-id"));
    // The catalogue knows no price of this model.
    expect(call).toMatchObject({ operation: "images", usage: { images: 1, input_tokens: 0 }, cost_usd: null });
  });

  test("are refused as they were recorded", async () => {
    world.replay.serve(recording("openai", "gpt-image-response-format-error"));
    const response = await world.post("/v1/images/generations", {
      model: "openai/gpt-image-2",
      prompt: "a",
      response_format: "url",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request", param: "response_format" } });
  });

  test("that are paid in tokens cost them", async () => {
    const usage = {
      input_tokens: 1000,
      output_tokens: 2000,
      total_tokens: 3000,
      input_tokens_details: { text_tokens: 1000 },
    };
    world.replay.script(() => answer({ created: 1, data: [{ b64_json: "AA==" }], usage }));
    const response = await world.post("/v1/images/generations", { model: "openai/gpt-image-2", prompt: "a" });
    // 5 USD in and 30 out per million.
    expect(response.headers.get("x-turnpike-cost-usd")).toBe("0.065");
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({ input_tokens: 1000, output_tokens: 2000, images: 1 });
  });

  test("are streamed, with the usage of the last event", async () => {
    const events =
      'event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"AA=="}\n\n' +
      'event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"AA==","usage":{"input_tokens":10,"output_tokens":20,"total_tokens":30}}\n\n';
    world.replay.script(() => [events.slice(0, 70), events.slice(70)]);
    const response = await world.post("/v1/images/generations", {
      model: "openai/gpt-image-2",
      prompt: "a",
      stream: true,
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(await response.text()).toBe(events);
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({ input_tokens: 10, output_tokens: 20, images: 1 });
  });

  test("are edited by a form, whose files go through untouched", async () => {
    const exchange = world.replay.script(() => answer({ created: 1, data: [{ b64_json: "AA==" }] }));
    const image = await toFile(new Uint8Array([137, 80, 78, 71]), "a.png", { type: "image/png" });
    const edited = await world.openai.images.edit({ model: "openai/gpt-image-2", prompt: "a hat", image });
    expect(edited.data?.[0]?.b64_json).toBe("AA==");
    const { path, body } = await exchange.received;
    expect(path).toBe("/openai/images/edits");
    expect(body).toMatch(/name="model"\r\n\r\ngpt-image-2\r\n/);
    expect(body).toContain('filename="a.png"');
  });
});

describe("speech", () => {
  const sound = new Uint8Array(100_000).map((_byte, at) => at % 251);

  test("is passed on as it comes, and paid by the character", async () => {
    const exchange = world.replay.script(() => [
      { kind: "head", status: 200, headers: { "content-type": "audio/mpeg" } },
      sound.subarray(0, 10),
      sound.subarray(10),
    ]);
    const response = await world.openai.audio.speech.create({ model: "openai/tts-1", voice: "alloy", input: "Hello" });
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(sound);
    expect(JSON.parse((await exchange.received).body)).toEqual({ model: "tts-1", voice: "alloy", input: "Hello" });
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({
      operation: "speech",
      usage: { characters: 5, estimated: false },
      cost_usd: "0.000075",
    });
  });

  test("that fails before its first byte is spoken by another", async () => {
    world.replay.script(() => [{ kind: "head", status: 500, headers: {} }, "oh"]);
    world.replay.script(() => answer(sound, "audio/wav"));
    const response = await world.post("/v1/audio/speech", {
      model: "openai/tts-1",

      voice: "a",
      input: "Hi",
    });
    expect(response.headers.get("x-turnpike-provider")).toBe("azure");
    expect((await response.arrayBuffer()).byteLength).toBe(sound.length);
  });

  test("that breaks off breaks the client's connection, so that nobody takes half for the whole", async () => {
    world.replay.script(() => [
      { kind: "head", status: 200, headers: { "content-type": "audio/mpeg" } },
      sound,
      { kind: "reset" },
    ]);
    const response = await world.post("/v1/audio/speech", { model: "openai/tts-1", voice: "alloy", input: "Hello" });
    await expect(response.arrayBuffer()).rejects.toThrow();
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({ status: "cut", usage: { characters: 5 }, cost_usd: "0.000075" });
  });
});

describe("listening", () => {
  const file = () => toFile(new Uint8Array(32_000), "a.mp3", { type: "audio/mpeg" });

  test("gets the file as the client sent it, and is paid by the second that the provider says", async () => {
    const exchange = world.replay.script(() => answer({ text: "Hello", usage: { type: "duration", seconds: 9 } }));
    const { data, response } = await world.openai.audio.transcriptions
      .create({ model: "openai/whisper-1", file: await file(), timestamp_granularities: ["word"] })
      .withResponse();
    expect(data.text).toBe("Hello");
    const { path, body, headers } = await exchange.received;
    expect(path).toBe("/openai/audio/transcriptions");
    expect(headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/);
    expect(body).toContain("\0".repeat(32_000));
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({
      operation: "transcriptions",
      usage: { audio_seconds: 9, estimated: false },
      cost_usd: "0.0009",
    });
  });

  test("is paid in tokens where the model has them, those of sound apart", async () => {
    const usage = {
      type: "tokens",
      input_tokens: 100,
      output_tokens: 10,
      total_tokens: 110,
      input_token_details: { text_tokens: 20, audio_tokens: 80 },
    };
    world.replay.script(() => answer({ text: "Hello", usage }));
    const { response } = await world.openai.audio.transcriptions
      .create({ model: "openai/gpt-4o-mini-transcribe", file: await file() })
      .withResponse();
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({
      input_tokens: 100,
      input_audio_tokens: 80,
      output_tokens: 10,
      estimated: false,
    });
  });

  test("is estimated by the file where nobody says", async () => {
    world.replay.script(() => answer(new TextEncoder().encode("Hello\n"), "text/plain; charset=utf-8"));
    const response = await world.openai.audio.transcriptions
      .create({ model: "groq/whisper-large-v3", file: await file(), response_format: "text" })
      .asResponse();
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("Hello\n");
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({ usage: { audio_seconds: 2, estimated: true }, cost_usd: "0.00006166" });
  });

  test("translates too", async () => {
    const exchange = world.replay.script(() => answer({ text: "Hello" }));
    await world.openai.audio.translations.create({ model: "openai/whisper-1", file: await file() });
    expect((await exchange.received).path).toBe("/openai/audio/translations");
  });

  test.each([
    [(form: FormData) => form.delete("file"), 400, "invalid_request", "file"],
    [(form: FormData) => form.delete("model"), 400, "invalid_request", "model"],
    [(form: FormData) => form.set("model", "gpt-4o"), 404, "model_not_found", "model"],
    [(form: FormData) => form.set("provider", "[]"), 400, "invalid_request", "provider"],
  ])("refuses a form %#", async (spoil, status, code, param) => {
    const form = new FormData();
    form.set("model", "openai/whisper-1");
    form.set("file", new File(["abc"], "a.mp3"));
    spoil(form);
    const response = await fetch(`${world.gateway.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.gateway.key}` },
      body: form,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  test("refuses what is no form, and half of one", async () => {
    expect((await world.post("/v1/audio/transcriptions", { model: "openai/whisper-1" })).status).toBe(415);
    const half = await world.post(
      "/v1/audio/transcriptions",
      '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhis',
      {
        "content-type": "multipart/form-data; boundary=x",
      },
    );
    expect(await half.json()).toMatchObject({ error: { code: "invalid_request" } });
  });
});

describe("a bad request is refused by name", () => {
  test.each([
    ["moderations", {}, "input"],
    ["moderations", { input: [] }, "input"],
    ["images/generations", { model: "openai/dall-e-2" }, "prompt"],
    ["images/generations", { model: "openai/dall-e-2", prompt: "a", n: 0 }, "n"],
    ["audio/speech", { model: "openai/tts-1", input: "" }, "input"],
    ["rerank", { model: "cohere/rerank-v3.5", documents: ["a"] }, "query"],
    ["rerank", { model: "cohere/rerank-v3.5", query: "a", documents: [] }, "documents"],
    ["rerank", { model: "cohere/rerank-v3.5", query: "a", documents: [1] }, "documents"],
    ["rerank", { model: "cohere/rerank-v3.5", query: "a", documents: ["a"], top_n: -1 }, "top_n"],
    ["rerank", { model: "cohere/rerank-v3.5", query: "a", documents: ["a"], stream: true }, "stream"],
  ])("%s %j", async (path, body, param) => {
    const response = await world.post(`/v1/${path}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request", param } });
  });

  test("and so is another method, and a model that its provider can't be asked for", async () => {
    expect((await fetch(`${world.gateway.url}/v1/rerank`)).status).toBe(405);
    const response = await world.post("/v1/audio/speech", { model: "gemini-2.5-flash-preview-tts", input: "a" });
    expect(await response.json()).toMatchObject({ error: { code: "no_deployment_available", param: "model" } });
  });
});
