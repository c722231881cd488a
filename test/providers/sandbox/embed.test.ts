// The sandbox's embeddings, through a whole gateway and the official client: no key, no network.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";

let gateway: Gateway;
let openai: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ env: {} });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
});

afterAll(() => gateway.close());

describe("sandbox/embed", () => {
  test("gives unit vectors: the same to the same text, and others to others", async () => {
    const { data, usage } = await openai.embeddings.create({
      model: "sandbox/embed",
      input: ["Hello", "World", "Hello"],
    });
    const [first, second, third] = data.map(({ embedding }) => embedding) as [number[], number[], number[]];
    expect(first).toHaveLength(1536);
    expect(first).toEqual(third);
    expect(Math.hypot(...first)).toBeCloseTo(1, 5);
    const cosine = first.reduce((sum, value, at) => sum + value * (second[at] ?? 0), 0);
    expect(Math.abs(cosine)).toBeLessThan(0.2);
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  test("has as many dimensions as are asked for, and takes tokens", async () => {
    const { data } = await openai.embeddings.create({ model: "sandbox/embed", input: [[1, 2], [3]], dimensions: 8 });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
  });

  test("refuses what no vector has, and is no chat model", async () => {
    await expect(openai.embeddings.create({ model: "sandbox/embed", input: "a", dimensions: 9000 })).rejects.toThrow(
      /8192/,
    );
    const messages = [{ role: "user" as const, content: "Hi" }];
    await expect(openai.chat.completions.create({ model: "sandbox/embed", messages })).rejects.toThrow(
      /not a chat model/,
    );
  });
});
