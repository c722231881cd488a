// Reranking: providers of several shapes behind one, and each call accounted as its provider bills it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { recordings } from "../support/recordings.ts";
import { asked, startWorld, type World } from "./operations.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterEach(() => {
  world.replay.clear();
});

afterAll(() => world.close());

function answer(body: object) {
  return [
    { kind: "head" as const, status: 200, headers: { "content-type": "application/json" } },
    JSON.stringify(body),
  ];
}

describe("reranking", () => {
  const documents = ["Ruby is a programming language", "Paris is in France", "Rails is a Ruby framework"];

  test.each(recordings("cohere", { dialect: "rerank" }).map((one) => [one.name, one] as const))(
    "of Cohere is answered as it was recorded, and paid by the search: %s",
    async (_name, one) => {
      const exchange = world.replay.serve(one);
      const response = await world.post("/v1/rerank", asked(one));
      expect(await response.text()).toBe(one.response);
      const sent = await exchange.received;
      expect(sent.path).toBe("/cohere/v2/rerank");
      expect(JSON.parse(sent.body)).toEqual(one.request);
      const call = await world.ledger(response.headers.get("x-request-id"));
      expect(call).toMatchObject({ operation: "rerank", usage: { queries: 1 }, cost_usd: "0.002" });
    },
  );

  test("of Voyage has the same shape, and is paid in tokens", async () => {
    const [one] = recordings("voyage", { dialect: "rerank" });
    if (one === undefined) throw new Error("no recording");
    const exchange = world.replay.serve(one);
    const { top_k, ...body } = asked<Record<string, unknown>>(one);
    const response = await world.post("/v1/rerank", { ...body, top_n: top_k });
    expect(JSON.parse((await exchange.received).body)).toEqual(one.request);
    const { data, usage } = JSON.parse(one.response);
    expect(await response.json()).toEqual({ object: "list", model: "rerank-2-lite", results: data, usage });
    const call = await world.ledger(response.headers.get("x-request-id"));
    // 0.02 USD per million tokens.
    expect(call).toMatchObject({ usage: { input_tokens: 43 }, cost_usd: "0.00000086" });
  });

  test("of Bedrock has the same shape, and is paid by the search", async () => {
    const [one] = recordings("bedrock", { dialect: "rerank" });
    if (one === undefined) throw new Error("no recording");
    const exchange = world.replay.serve(one);
    const body = {
      model: "amazon-bedrock/amazon.rerank-v1:0",
      query: "ruby",
      documents: documents.map((text) => ({ text })),
      top_n: 2,
    };
    const response = await world.post("/openai/v1/rerank", body);
    expect(JSON.parse((await exchange.received).body)).toEqual({ query: "ruby", documents, top_n: 2, api_version: 2 });
    const scores = JSON.parse(one.response).results.map(
      ({ relevanceScore }: { relevanceScore: number }) => relevanceScore,
    );
    const { results } = (await response.json()) as { results: { relevance_score: number }[] };
    expect(results.map((row) => row.relevance_score)).toEqual(scores);
    expect(await world.ledger(response.headers.get("x-request-id"))).toMatchObject({
      usage: { queries: 1 },
      cost_usd: "0.001",
    });
  });

  test("gives the documents back to who asks, whether the provider does or not", async () => {
    world.replay.script(() => answer({ results: [{ index: 2, relevance_score: 0.5 }] }));
    const body = { query: "ruby", documents, return_documents: true };
    const cohere = await world.post("/v1/rerank", { model: "cohere/rerank-v3.5", ...body });
    expect(await cohere.json()).toMatchObject({ results: [{ index: 2, document: { text: documents[2] } }] });
    const row = { index: 2, relevance_score: 0.5, document: { text: documents[2] } };
    const exchange = world.replay.script(() => answer({ results: [row], usage: { total_tokens: 9 } }));
    const jina = await world.post("/v1/rerank", { model: "jina/jina-reranker-v2-base-multilingual", ...body });
    expect(await jina.json()).toEqual({ results: [row], usage: { total_tokens: 9 } });
    expect(JSON.parse((await exchange.received).body).return_documents).toBe(true);
  });
});
