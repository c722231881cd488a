// The lists of models: what this gateway can call now, and for what.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ env: { OPENAI_API_KEY: "sk-test-models-0123456789" } });
});

afterAll(() => gateway.close());

interface Model {
  readonly id: string;
  readonly providers: readonly string[];
  readonly endpoints: readonly string[];
}

test("models are listed with what they can be called for, chat or not", async () => {
  const { data } = (await (await get("/v1/models")).json()) as { data: Model[] };
  const endpoints = (id: string) => data.find((model) => model.id === id)?.endpoints;
  expect(endpoints("openai/gpt-4o")).toEqual(["chat"]);
  expect(endpoints("openai/text-embedding-3-small")).toEqual(["embeddings"]);
  expect(data.every((model) => model.endpoints.length > 0)).toBe(true);
});

test("only providers with a key are listed", async () => {
  const { data } = (await (await get("/v1/models")).json()) as { data: Model[] };
  expect(new Set(data.flatMap((model) => model.providers))).toEqual(new Set(["openai"]));
});

test("clients that chat only are listed models for chat only", async () => {
  const gemini = (await (await get("/v1beta/models")).json()) as { models: { name: string }[] };
  const anthropic = (await (await get("/v1/models", { "anthropic-version": "2023-06-01" })).json()) as {
    data: Model[];
  };
  const names = [
    ...gemini.models.map(({ name }) => name.slice("models/".length)),
    ...anthropic.data.map(({ id }) => id),
  ];
  expect(names).toContain("openai/gpt-4o");
  expect(names).not.toContain("openai/text-embedding-3-small");
});

test("one model is told by any of its names", async () => {
  const model = (await (await get("/v1/models/text-embedding-3-small")).json()) as Model;
  expect(model).toMatchObject({ id: "openai/text-embedding-3-small", endpoints: ["embeddings"] });
});

test("the operator's names and auto are listed beside them, by what they lead to", async () => {
  const declared = await declare({
    name: "smart",
    targets: ["openai/gpt-4o"],
    fallbacks: ["anthropic/claude-haiku-4-5"],
  });
  expect(declared.status).toBe(201);
  await declare({ name: "vectors", targets: ["smaller"] }, { name: "smaller", targets: ["text-embedding-3-small"] });
  await declare({ name: "elsewhere", targets: ["anthropic/claude-haiku-4-5"] });
  await declare({ name: "newest", targets: ["openai/not-in-the-catalogue:floor"] });
  const { data } = (await (await get("/v1/models")).json()) as { data: Model[] };
  const seen = (id: string) => data.filter((model) => model.id === id);
  expect(seen("smart")).toMatchObject([
    { object: "model", owned_by: "turnpike", created: 0, providers: ["openai"], endpoints: ["chat"] },
  ]);
  expect(seen("vectors")).toMatchObject([{ endpoints: ["embeddings"] }]);
  expect(seen("newest")).toMatchObject([{ providers: ["openai"], endpoints: ["chat"] }]);
  expect(seen("auto")).toMatchObject([{ providers: ["openai"], endpoints: ["chat"] }]);
  expect(seen("elsewhere")).toEqual([]);
  expect(await (await get("/v1/models/smart")).json()).toEqual(seen("smart")[0]);
  expect((await get("/v1/models/elsewhere")).status).toBe(404);
  const gemini = (await (await get("/v1beta/models")).json()) as { models: { name: string }[] };
  const names = gemini.models.map(({ name }) => name);
  expect(["models/smart", "models/vectors"].map((name) => names.includes(name))).toEqual([true, false]);
});

/** Declares aliases, the last one first; the first one's answer. */
async function declare(...aliases: readonly object[]): Promise<Response> {
  const [first, ...rest] = aliases;
  if (rest.length > 0) await declare(...rest);
  return fetch(`${gateway.url}/admin/v1/aliases`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(first),
  });
}

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${gateway.key}`, ...headers } });
}

test("a key whose policy lets nobody collect or keep prompts is listed only providers that are known not to", async () => {
  const env = { OPENAI_API_KEY: "sk-test-models-0123456789", AWS_BEARER_TOKEN_BEDROCK: "test", TURNPIKE_SANDBOX: "on" };
  const own = await startGateway({ env });
  const listed = async (policy: object) => {
    const made = await fetch(`${own.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${own.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "n", customer: "c", policy }),
    });
    const { key } = (await made.json()) as { key: string };
    const response = await fetch(`${own.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    const { data } = (await response.json()) as { data: Model[] };
    return [...new Set(data.flatMap((model) => model.providers))].sort();
  };
  expect(await listed({})).toEqual(["amazon-bedrock", "openai", "sandbox"]);
  expect(await listed({ zdr: true })).toEqual(["amazon-bedrock", "sandbox"]);
  expect(await listed({ data_collection: "deny" })).toContain("amazon-bedrock");
  await own.close();
});
