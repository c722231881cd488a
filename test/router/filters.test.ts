// What a deployment must be able to do for a call to be sent there, and what the caller is told when none is left.
import { describe, expect, test } from "vitest";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import { failed } from "../../src/gateway/readers.ts";
import type { Preferences } from "../../src/router/ask.ts";
import { row, world } from "./planning.ts";

interface Case {
  readonly name: string;
  readonly lacking: Partial<ModelFacts>;
  readonly asked?: Partial<Peek>;
  readonly preferences?: Partial<Preferences>;
  readonly refusal: readonly [status: number, code: string, param: string | null, message: RegExp];
}

const cases: readonly Case[] = [
  {
    name: "tools",
    lacking: { capabilities: { tools: false } },
    asked: { tools: true },
    refusal: [400, "no_deployment_available", "model", /takes tools .*alpha/],
  },
  {
    name: "a JSON schema",
    lacking: { capabilities: { jsonSchema: false, tools: false } },
    asked: { jsonSchema: true },
    refusal: [400, "no_deployment_available", "model", /JSON schema/],
  },
  {
    name: "pictures",
    lacking: { inputModalities: ["text"] },
    asked: { images: true },
    refusal: [400, "no_deployment_available", "model", /takes images/],
  },
  {
    name: "documents",
    lacking: { inputModalities: ["text"] },
    asked: { documents: true },
    refusal: [400, "no_deployment_available", "model", /takes documents/],
  },
  {
    name: "audio",
    lacking: { inputModalities: ["text"] },
    asked: { audio: true },
    refusal: [400, "no_deployment_available", "model", /takes audio/],
  },
  {
    name: "video",
    lacking: { inputModalities: ["text"] },
    asked: { video: true },
    refusal: [400, "no_deployment_available", "model", /takes video/],
  },
  {
    name: "reasoning",
    lacking: { capabilities: { reasoning: false } },
    asked: { reasoning: true },
    refusal: [400, "no_deployment_available", "model", /instruction to reason/],
  },
  {
    name: "a long prompt",
    lacking: { contextWindow: 1_000 },
    asked: { textLength: 40_000 },
    refusal: [400, "context_length_exceeded", "model", /do not fit the context/],
  },
  {
    name: "room for the answer",
    lacking: { contextWindow: 1_000 },
    asked: { maxOutputTokens: 990 },
    refusal: [400, "context_length_exceeded", "model", /do not fit the context/],
  },
  {
    name: "a quantization",
    lacking: {},
    preferences: { quantizations: ["fp8"] },
    refusal: [404, "no_deployment_available", "provider.quantizations", /unknown/],
  },
  {
    name: "a price",
    lacking: {},
    preferences: { maxPrice: { completion: 0.5 } },
    refusal: [404, "no_deployment_available", "provider.max_price", /cost at most/],
  },
];

const all: readonly ModelFacts["inputModalities"][number][] = ["text", "image", "pdf", "audio", "video"];
const capable: Partial<ModelFacts> = {
  inputModalities: all,
  capabilities: { tools: true, jsonSchema: true, reasoning: true },
  contextWindow: 1_000_000,
  variant: ["fp8"],
};

describe.each(cases)("$name", ({ lacking, asked, preferences, refusal }) => {
  test("is asked of a deployment that has it, and of no other", () => {
    const of = world([row("alpha", "1", { ...capable, variant: [], ...lacking }), row("beta", "0.2", capable)]);
    expect(of.order({}, preferences, asked)).toEqual(["beta"]);
  });

  test("is told when no deployment is left", () => {
    const of = world([row("alpha", "1", { inputModalities: all, ...lacking })]);
    const { status, code, param, message } = of.refusal({}, preferences, asked);
    expect([status, code, param]).toEqual(refusal.slice(0, 3));
    expect(message).toMatch(refusal[3]);
  });

  test("is not asked where the catalogue does not say", () => {
    if (preferences !== undefined || asked === undefined) return;
    const of = world([row("alpha", "1", { inputModalities: [], capabilities: {} })]);
    expect(of.order({}, {}, asked)).toEqual(["alpha"]);
  });
});

describe("who pins a provider", () => {
  test("knows better than the catalogue", () => {
    const of = world([row("alpha", "1", { providerModelId: "own", capabilities: { tools: false } }), row("beta", "2")]);
    expect(of.order({ models: ["alpha/own"] }, {}, { tools: true })).toEqual(["alpha"]);
    expect(of.order({ models: ["lab/model"] }, {}, { tools: true })).toEqual(["beta"]);
  });
});

describe("where sellers of one model contradict each other", () => {
  test("the one that is said to be able is asked, and without it the one that is said not to be", () => {
    const rows = [
      row("alpha", "1", { capabilities: { tools: false } }),
      row("beta", "2", { capabilities: { tools: true } }),
    ];
    const of = world(rows);
    expect(of.order({}, {}, { tools: true })).toEqual(["beta"]);
    expect(of.order({}, { ignore: ["beta"] }, { tools: true })).toEqual(["alpha"]);
  });
});

describe("data policy", () => {
  const of = () =>
    world([row("keeps", "1"), row("trains", "1"), row("deletes", "1"), row("unsaid", "1")], {
      dataPolicies: {
        keeps: { collects: false, retains: true },
        trains: { collects: true, retains: true },
        deletes: { collects: false, retains: false },
      },
    });

  test("removes what is not known to keep to it", () => {
    expect(of().order({}, { denyDataCollection: true }).sort()).toEqual(["deletes", "keeps"]);
    expect(of().order({}, { zeroDataRetention: true })).toEqual(["deletes"]);
    expect(of().order()).toHaveLength(4);
  });

  test("says so when nobody does", () => {
    const refusal = of().refusal({}, { zeroDataRetention: true, ignore: ["deletes"] });
    expect([refusal.status, refusal.code]).toEqual([404, "no_deployment_available"]);
    expect(refusal.message).toMatch(/known to keep to/);
  });
});

describe("several filters", () => {
  test("are told by the one that removed the last", () => {
    const of = world([row("alpha", "9"), row("beta", "1", { capabilities: { tools: false } })]);
    expect(of.refusal({}, { maxPrice: { prompt: 2 } }, { tools: true }).message).toMatch(/takes tools/);
    expect(of.plan({}, { maxPrice: { prompt: 10 } }, { tools: true }).removed).toMatchObject([
      { deployment: { connection: { id: "beta" } }, filter: "tools" },
    ]);
  });

  test("say when the next try is, where all deployments have failed", () => {
    const of = world([row("alpha", "1")]);
    const [step] = of.plan().steps;
    if (step === undefined) throw new Error("no step");
    for (let call = 0; call < 5; call++) of.router.failed(step, of.router.begin(step, true), failed("server", "no"));
    const { code, status, retryAfterMs, message } = of.refusal();
    expect([code, status]).toEqual(["no_deployment_available", 503]);
    expect(message).toMatch(/has failed lately/);
    expect(retryAfterMs).toBeLessThanOrEqual(1_200);
  });
});
