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

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${gateway.key}`, ...headers } });
}
