// Embeddings: the official client gets what providers of every shape answered, in the encoding it asks for, and each call is accounted.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Recording, recording, recordings } from "../support/recordings.ts";
import { asked, startWorld, type World } from "./operations.ts";

type Body = Parameters<World["openai"]["embeddings"]["create"]>[0];

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterEach(() => {
  world.replay.clear();
});

afterAll(() => world.close());

const inOpenaiShape = ["openai", "mistral", "openrouter", "voyage", "perplexity"];
const answered = inOpenaiShape.flatMap((provider) =>
  recordings(provider, { dialect: "openai-embeddings", failed: false }).map((one) => [one.name, one] as const),
);

/** USD per million tokens, as the catalogue has them. */
const prices: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 0.02,
  "text-embedding-ada-002": 0.1,
  "mistral-embed": 0.1,
  "voyage-3-lite": 0.02,
  "pplx-embed-v1-0.6b": 0.004,
};

describe("a provider that speaks OpenAI's shape", () => {
  test.each(answered)("answers as it was recorded: %s", async (_name, recorded) => {
    world.replay.serve(recorded);
    const { data, response } = await world.openai.embeddings.create(asked<Body>(recorded)).withResponse();
    expect(numbersIn(data)).toEqual(numbersIn(JSON.parse(recorded.response), recorded.provider));
    const encoded = recorded.request?.encoding_format === "base64" ? "string" : "object";
    for (const { embedding } of data.data) expect(typeof embedding).toBe(encoded);

    const { usage } = JSON.parse(recorded.response);
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({ status: "completed", operation: "embeddings", provider: recorded.provider });
    expect(call.usage).toMatchObject({
      input_tokens: usage.prompt_tokens ?? usage.total_tokens,
      output_tokens: 0,
      estimated: false,
    });
    const price = prices[recorded.model ?? ""];
    if (price !== undefined)
      expect(Number(call.cost_usd)).toBeCloseTo((call.usage?.input_tokens as number) * price * 1e-6, 9);
    expect(response.headers.get("x-turnpike-cost-usd")).toBe(call.cost_usd);
  });

  test("gets the client's own bytes with the model's name edited, and its answer comes back as it was", async () => {
    const recorded = recording("openai", "test_embeddings-TestOpenAI.test_query.0");
    const exchange = world.replay.serve(recorded);
    const response = await world.post(
      "/openai/v1/embeddings",
      '{"x_new":1.50, "input":"\\u0068i","encoding_format":"base64","model":"openai/text-embedding-3-small","provider":{"only":["openai"]}}',
    );
    expect(await response.text()).toBe(recorded.response);
    const { path, body } = await exchange.received;
    expect(path).toBe("/openai/embeddings");
    expect(body).toBe('{"x_new":1.50,"input":"\\u0068i","encoding_format":"base64","model":"text-embedding-3-small"}');
  });

  test("is counted by its own usage, and passed on byte for byte, when its answer is large", async () => {
    const item = (index: number) => ({
      object: "embedding",
      index,
      embedding: Array.from({ length: 1_000 }, Math.random),
    });
    const usage = { prompt_tokens: 77, total_tokens: 77 };
    const answer = { object: "list", data: Array.from({ length: 20 }, (_, at) => item(at)), model: "m", usage };
    world.replay.script(() => jsonAnswer(answer));
    const response = await world.post("/v1/embeddings", { model: "openai/text-embedding-3-small", input: "Hi" });
    expect(await response.json()).toEqual(answer);
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({ input_tokens: 77, estimated: false });
  });

  test("is asked for its own name of `dimensions`, and for numbers in the way that it knows", async () => {
    const exchange = world.replay.script(() => jsonAnswer({ data: [{ index: 0, embedding: [1, 2] }] }));
    await world.post("/v1/embeddings", {
      model: "voyage/voyage-3-lite",
      input: "Hi",
      dimensions: 512,
      encoding_format: "float",
    });
    expect(JSON.parse((await exchange.received).body)).toEqual({
      model: "voyage-3-lite",
      input: "Hi",
      output_dimension: 512,
    });
  });
});

describe("a provider of another shape", () => {
  test("Cohere: its vectors come as OpenAI's list, and its tokens are counted as it bills them", async () => {
    const [recorded] = recordings("cohere", { dialect: "cohere-embeddings" }) as [Recording];
    const exchange = world.replay.serve(recorded);
    const { data, response } = await world.openai.embeddings
      .create({ model: "cohere/embed-v4.0", input: ["Ruby is a programmer's best friend"], dimensions: 1024 })
      .withResponse();
    const sent = await exchange.received;
    expect(sent.path).toBe("/cohere/v2/embed");
    expect(JSON.parse(sent.body)).toEqual(recorded.request);
    const [expected] = JSON.parse(recorded.response).embeddings.float;
    expect(data.data.map(({ index }) => index)).toEqual([0]);
    expect(data.data[0]?.embedding).toEqual(expected.map(Math.fround));
    expect(data.usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
    expect((await world.ledger(response.headers.get("x-request-id"))).usage).toMatchObject({ input_tokens: 7 });
  });

  test("Gemini: its vectors come as OpenAI's list, in the encoding that was asked for", async () => {
    const [recorded] = recordings("google", { dialect: "gemini-embeddings" }) as [Recording];
    const exchange = world.replay.serve(recorded);
    const response = await world.post("/v1/embeddings", {
      model: "google/gemini-embedding-2",
      input: ["The Ruby logo"],
      dimensions: 768,
      encoding_format: "float",
    });
    const sent = await exchange.received;
    expect(sent.path).toBe("/google/models/gemini-embedding-2:batchEmbedContents");
    expect(JSON.parse(sent.body)).toEqual({
      requests: [
        {
          model: "models/gemini-embedding-2",
          content: { parts: [{ text: "The Ruby logo" }] },
          outputDimensionality: 768,
        },
      ],
    });
    const [{ values }] = JSON.parse(recorded.response).embeddings;
    expect(await response.json()).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: values }],
      model: "gemini-embedding-2",
      usage: { prompt_tokens: 261, total_tokens: 261 },
    });
  });

  test("Bedrock's Titan takes one text, and says its tokens in its answer", async () => {
    const exchange = world.replay.script(() => jsonAnswer({ embedding: [0.5, -0.25], inputTextTokenCount: 3 }));
    const model = "amazon-bedrock/amazon.titan-embed-text-v2:0";
    const response = await world.post("/v1/embeddings", { model, input: "Hi there", dimensions: 256 });
    expect(await response.json()).toMatchObject({ data: [{ embedding: [0.5, -0.25] }], usage: { prompt_tokens: 3 } });
    const sent = await exchange.received;
    expect(sent.path).toBe("/amazon-bedrock/model/amazon.titan-embed-text-v2%3A0/invoke");
    expect(JSON.parse(sent.body)).toEqual({ inputText: "Hi there", dimensions: 256 });
    const refused = await world.post("/v1/embeddings", { model, input: ["a", "b"] });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: "unsupported_parameter", param: "input" } });
  });

  test("Titan for pictures is told its size elsewhere, and the first Titan has one size only", async () => {
    const exchange = world.replay.script(() => jsonAnswer({ embedding: [1], inputTextTokenCount: 3 }));
    const model = "amazon-bedrock/amazon.titan-embed-image-v1";
    await world.post("/v1/embeddings", { model, input: "Hi", dimensions: 384 });
    const { body } = await exchange.received;
    expect(JSON.parse(body)).toEqual({ inputText: "Hi", embeddingConfig: { outputEmbeddingLength: 384 } });
    const first = { model: "amazon-bedrock/amazon.titan-embed-text-v1", input: "Hi", dimensions: 384 };
    const refused = await world.post("/v1/embeddings", first);
    expect(await refused.json()).toMatchObject({ error: { code: "unsupported_parameter", param: "dimensions" } });
  });

  test("Nova takes one text in the schema of its own, cut nowhere in silence", async () => {
    const answer = { embeddings: [{ embeddingType: "TEXT", embedding: [0.5, -0.25] }] };
    const exchange = world.replay.script(() => jsonAnswer(answer, { "x-amzn-bedrock-input-token-count": "2" }));
    const model = "amazon-bedrock/amazon.nova-2-multimodal-embeddings-v1:0";
    const response = await world.post("/v1/embeddings", { model, input: "Hi", dimensions: 1024 });
    expect(await response.json()).toMatchObject({ data: [{ embedding: [0.5, -0.25] }], usage: { prompt_tokens: 2 } });
    expect(JSON.parse((await exchange.received).body)).toEqual({
      taskType: "SINGLE_EMBEDDING",
      singleEmbeddingParams: {
        embeddingPurpose: "GENERIC_INDEX",
        embeddingDimension: 1024,
        text: { truncationMode: "NONE", value: "Hi" },
      },
    });
    const refused = await world.post("/v1/embeddings", { model, input: ["a", "b"] });
    expect(await refused.json()).toMatchObject({ error: { code: "unsupported_parameter", param: "input" } });
  });

  test("Cohere on Bedrock says its tokens in a header", async () => {
    world.replay.script(() =>
      jsonAnswer({ embeddings: { float: [[1], [2]] } }, { "x-amzn-bedrock-input-token-count": "5" }),
    );
    const model = "amazon-bedrock/cohere.embed-english-v3";
    const response = await world.post("/v1/embeddings", { model, input: ["a", "b"] });
    expect(await response.json()).toMatchObject({
      data: [{ embedding: [1] }, { embedding: [2] }],
      usage: { prompt_tokens: 5 },
    });
  });

  test("is not sent tokens of OpenAI's vocabulary", async () => {
    for (const model of [
      "google/gemini-embedding-001",
      "cohere/embed-v4.0",
      "voyage/voyage-4",
      "mistral/mistral-embed",
    ]) {
      const response = await world.post("/v1/embeddings", { model, input: [[1, 2, 3]], drop_params: true });
      expect(await response.json()).toMatchObject({ error: { code: "unsupported_parameter", param: "input" } });
    }
  });
});

describe("accounting", () => {
  test("counts the tokens that a provider does not report, and says that it did", async () => {
    world.replay.script(() => jsonAnswer({ data: [{ index: 0, embedding: [1] }] }));
    const { response } = await world.openai.embeddings
      .create({ model: "openai/text-embedding-3-small", input: "Hello, world!", encoding_format: "float" })
      .withResponse();
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({ input_tokens: 4, output_tokens: 0, estimated: true });
    expect(call.cost_usd).toBe("0.00000008");
  });

  test("counts tokens that are sent as tokens one by one", async () => {
    world.replay.script(() => jsonAnswer({ data: [{ index: 0, embedding: [1] }] }));
    const { response } = await world.openai.embeddings
      .create({ model: "openai/text-embedding-3-small", input: [[1, 2, 3], [4]], encoding_format: "float" })
      .withResponse();
    expect((await world.ledger(response.headers.get("x-request-id"))).usage).toMatchObject({ input_tokens: 4 });
  });

  test("of a call that failed is nothing", async () => {
    const recorded = recording("openai", "test-async-embeddings-error-handling");
    world.replay.serve(recorded);
    const response = await world.post("/v1/embeddings", asked(recorded));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "model_not_found", type: "invalid_request_error" } });
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call).toMatchObject({ status: "failed", usage: null, cost_usd: "0", error_code: "model_not_found" });
  });
});

test("a deployment that fails is followed by the next, and the client does not see it", async () => {
  const good = recording("voyage", "test-voyageai-embed-async-legacy");
  world.replay.script(() => [{ kind: "head", status: 503, headers: { "content-type": "application/json" } }, "{}"]);
  world.replay.serve(good);
  const response = await world.post("/v1/embeddings", {
    model: "mistral/mistral-embed",
    models: ["voyage/voyage-3-lite"],
    input: ["a", "b"],
    encoding_format: "base64",
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-turnpike-provider")).toBe("voyage");
  expect(response.headers.get("x-turnpike-attempts")).toBe("2");
  const call = await world.ledger(response.headers.get("x-request-id"));
  expect(call.attempts.map(({ provider, result }) => [provider, result])).toEqual([
    ["mistral", "overloaded"],
    ["voyage", "ok"],
  ]);
});

describe("a bad request is refused by name", () => {
  const model = "openai/text-embedding-3-small";
  test.each([
    [{ input: "Hi" }, 400, "invalid_request", "model"],
    [{ model }, 400, "invalid_request", "input"],
    [{ model, input: "" }, 400, "invalid_request", "input"],
    [{ model, input: [] }, 400, "invalid_request", "input"],
    [{ model, input: ["a", 1] }, 400, "invalid_request", "input"],
    [{ model, input: { text: "a" } }, 400, "invalid_request", "input"],
    [{ model, input: "a", dimensions: 0 }, 400, "invalid_request", "dimensions"],
    [{ model, input: "a", encoding_format: 1 }, 400, "invalid_request", "encoding_format"],
    [{ model: "gpt-4o", input: "a" }, 404, "model_not_found", "model"],
    [{ model: "groq/some-new-embedder", input: "a" }, 404, "model_not_found", "model"],
    ["[]", 400, "invalid_request", null],
    ["{", 400, "invalid_json", null],
  ])("%j", async (body, status, code, param) => {
    const response = await world.post("/v1/embeddings", body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  test("or answered without a hint that the provider does not take", async () => {
    world.replay.script(() => jsonAnswer({ data: [{ index: 0, embedding: [1] }] }));
    const response = await world.post("/v1/embeddings", {
      ...{ model: "mistral/mistral-embed", input: "a", user: "u" },
    });
    expect(response.headers.get("x-turnpike-dropped-params")).toBe("user");
  });
});

interface Answer {
  readonly data: readonly { readonly embedding: unknown }[];
}

/** The vectors of an answer as 32-bit numbers, whichever way they are written. */
function numbersIn(answer: unknown, provider = ""): readonly (readonly number[])[] {
  return (answer as Answer).data.map(({ embedding }) => {
    if (typeof embedding !== "string") return [...(embedding as number[])].map(Math.fround);
    const bytes = Buffer.from(embedding, "base64");
    if (provider === "perplexity") return [...new Int8Array(bytes)];
    return Array.from({ length: bytes.length / 4 }, (_item, at) => bytes.readFloatLE(at * 4));
  });
}

function jsonAnswer(body: object, headers: Readonly<Record<string, string>> = {}) {
  return [
    { kind: "head" as const, status: 200, headers: { "content-type": "application/json", ...headers } },
    JSON.stringify(body),
  ];
}
