// Pictures of providers that speak another shape than OpenAI's: the official client asks in OpenAI's words and is answered in them.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Step } from "../support/answers.ts";
import { startWorld, type World } from "./operations.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => expect(world.replay.clear()).toBe(0));
afterAll(() => world.close());

const png = "iVBORw0KGgo=";
const date = "Tue, 01 Sep 2026 10:00:00 GMT";
const createdS = Date.parse(date) / 1000;

type Asked = Parameters<World["openai"]["images"]["generate"]>[0];

const script = (body: unknown, status = 200) =>
  world.replay.script((): (Step | string)[] => [
    { kind: "head", status, headers: { "content-type": "application/json", date } },
    JSON.stringify(body),
  ]);

/** Asks for pictures of a provider that answers so, and tells what it was asked and what the client got. */
async function draws(asked: Asked, answer: unknown) {
  const exchange = script(answer);
  const { data, response } = await world.openai.images.generate({ ...asked, stream: false }).withResponse();
  const { path, body } = await exchange.received;
  const call = await world.ledger(response.headers.get("x-request-id"));
  return { path: decodeURIComponent(path), body: JSON.parse(body), data, call };
}

describe("Imagen", () => {
  const model = "google/imagen-4.0-generate-001";
  const two = {
    predictions: [
      { mimeType: "image/png", bytesBase64Encoded: png },
      { mimeType: "image/png", bytesBase64Encoded: png, prompt: "A fine cat" },
    ],
  };

  it("draws in the ratio that the size has, and each picture is paid for", async () => {
    const { path, body, data, call } = await draws({ model, prompt: "A cat", n: 2, size: "1792x1024" }, two);
    expect(path).toBe("/google/models/imagen-4.0-generate-001:predict");
    expect(body).toEqual({
      instances: [{ prompt: "A cat" }],
      parameters: { sampleCount: 2, includeRaiReason: true, aspectRatio: "16:9" },
    });
    expect(data).toEqual({
      created: createdS,
      data: [{ b64_json: png }, { b64_json: png, revised_prompt: "A fine cat" }],
    });
    expect(call).toMatchObject({ status: "completed", operation: "images", provider: "google", cost_usd: "0.08" });
    expect(call.usage).toMatchObject({ images: 2 });
  });

  it("draws one picture where OpenAI would, and gives it as an address that holds it when asked to", async () => {
    const { body, data } = await draws(
      { model, prompt: "A cat", response_format: "url" },
      { predictions: [{ mimeType: "image/jpeg", bytesBase64Encoded: png }] },
    );
    expect(body.parameters.sampleCount).toBe(1);
    expect(data.data?.[0]).toEqual({ url: `data:image/jpeg;base64,${png}` });
  });

  it("is paid for the pictures that it gave, and not for those that it withheld", async () => {
    const some = {
      predictions: [{ mimeType: "image/png", bytesBase64Encoded: png }, { raiFilteredReason: "Filtered: 39322892" }],
    };
    const { call } = await draws({ model, prompt: "A cat", n: 2 }, some);
    expect(call).toMatchObject({ cost_usd: "0.04" });
  });

  it.each([
    [{ predictions: [{ raiFilteredReason: "Unable to show generated images (39322892)." }] }, /39322892/],
    [{}, /safety filters/],
  ])("that withholds everything is a content filter's refusal: %j", async (answer, message) => {
    script(answer);
    await expect(world.openai.images.generate({ model, prompt: "A cat" })).rejects.toMatchObject({
      status: 400,
      code: "content_filter",
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ["size", { size: "1536x1024" }],
    ["n", { n: 5 }],
    ["quality", { quality: "hd" }],
    ["style", { style: "vivid" }],
    ["background", { background: "transparent" }],
    ["output_format", { output_format: "jpeg" }],
    ["stream", { stream: true }],
  ])("refuses what it can't do by its name: %s", async (param, more) => {
    const asked = { model, prompt: "A cat", ...more } as Asked;
    await expect(world.openai.images.generate(asked)).rejects.toMatchObject({
      status: 400,
      code: "unsupported_parameter",
      param,
    });
  });

  it("draws all the same without what may be left out, and the answer says what was", async () => {
    const exchange = script(two);
    const response = await world.post("/v1/images/generations", {
      model,
      prompt: "A cat",
      size: "1536x1024",
      style: "vivid",
      drop_params: true,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-dropped-params")).toBe("size, style");
    expect(JSON.parse((await exchange.received).body).parameters).not.toHaveProperty("aspectRatio");
  });
});

describe("Gemini", () => {
  const model = "google/gemini-3.1-flash-image";
  /** The shape of Gemini API documentation, "Image generation"; a thought's draft is not the answer. */
  const answer = {
    candidates: [
      {
        content: {
          parts: [
            { inlineData: { mimeType: "image/png", data: "ZHJhZnQ=" }, thought: true },
            { text: "Here it is." },
            { inlineData: { mimeType: "image/png", data: png }, thoughtSignature: "c2ln" },
          ],
        },
        finishReason: "STOP",
      },
    ],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1290, totalTokenCount: 1295 },
  };

  it("answers with a picture, and its tokens are told", async () => {
    const { path, body, data, call } = await draws(
      { model, prompt: "A cat", size: "1024x1536", quality: "auto" },
      answer,
    );
    expect(path).toBe("/google/models/gemini-3.1-flash-image:generateContent");
    expect(body).toEqual({
      contents: [{ role: "user", parts: [{ text: "A cat" }] }],
      generationConfig: { responseModalities: ["TEXT", "IMAGE"], imageConfig: { aspectRatio: "2:3" } },
    });
    expect(data).toMatchObject({
      data: [{ b64_json: png }],
      usage: { input_tokens: 5, output_tokens: 1290, total_tokens: 1295 },
    });
    expect(call.usage).toMatchObject({ input_tokens: 5, output_tokens: 1290, images: 1 });
    expect(Number(call.cost_usd)).toBeGreaterThan(0);
  });

  it.each([
    [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }, /PROHIBITED_CONTENT/],
    [{ candidates: [{ finishReason: "IMAGE_SAFETY", content: {} }] }, /IMAGE_SAFETY/],
    [
      { candidates: [{ finishReason: "STOP", content: { parts: [{ text: "I can't draw that." }] } }] },
      /can't draw that/,
    ],
  ])("that draws nothing says why: %j", async (refusal, message) => {
    script(refusal);
    await expect(world.openai.images.generate({ model, prompt: "A cat" })).rejects.toMatchObject({
      status: 400,
      code: "content_filter",
      message: expect.stringMatching(message),
    });
  });
});

describe("Bedrock", () => {
  it("is asked for pixels where the model is Amazon's", async () => {
    const asked = {
      model: "amazon-bedrock/amazon.titan-image-generator-v2:0",
      prompt: "A cat",
      n: 2,
      size: "1024x1024",
      quality: "hd",
    } as const;
    const { path, body, data, call } = await draws(asked, { images: [png, png], error: null });
    expect(path).toBe("/amazon-bedrock/model/amazon.titan-image-generator-v2:0/invoke");
    expect(body).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "A cat" },
      imageGenerationConfig: { numberOfImages: 2, width: 1024, height: 1024, quality: "premium" },
    });
    expect(data).toEqual({ created: createdS, data: [{ b64_json: png }, { b64_json: png }] });
    expect(call).toMatchObject({ provider: "amazon-bedrock", cost_usd: "0.016" });
  });

  it("is asked for a ratio where the model is Stability AI's", async () => {
    const asked = {
      model: "amazon-bedrock/stability.stable-image-core-v1:1",
      prompt: "A cat",
      size: "1024x1536",
      output_format: "jpeg",
      response_format: "url",
    } as const;
    const { body, data } = await draws(asked, { images: [png], seeds: [1], finish_reasons: [null] });
    expect(body).toEqual({ prompt: "A cat", aspect_ratio: "2:3", output_format: "jpeg" });
    expect(data.data).toEqual([{ url: `data:image/jpeg;base64,${png}` }]);
  });

  it.each([
    ["amazon.nova-canvas-v1:0", { images: [], error: "This request has been blocked by our content filters." }],
    ["stability.sd3-5-large-v1:0", { seeds: [], finish_reasons: ["Filter reason: prompt"] }],
  ])("that withholds a picture is a content filter's refusal: %s", async (model, answer) => {
    script(answer);
    await expect(
      world.openai.images.generate({ model: `amazon-bedrock/${model}`, prompt: "A cat" }),
    ).rejects.toMatchObject({
      status: 400,
      code: "content_filter",
      message: expect.stringMatching(/blocked|Filter reason/),
    });
  });

  it("is not asked for what takes a picture to begin with", async () => {
    const model = "amazon-bedrock/stability.stable-image-inpaint-v1:0";
    await expect(world.openai.images.generate({ model, prompt: "A cat" })).rejects.toMatchObject({
      status: 400,
      param: "model",
    });
  });
});
