// Auto: which models are taken for callers who do not name one.
import { describe, expect, it } from "vitest";
import { createCatalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { type Ask, noPreferences, type Preferences } from "../../src/router/ask.ts";
import { autoModels, isAuto } from "../../src/router/auto.ts";
import { row, saying, world } from "./planning.ts";

const installed = createCatalog(catalogRows());

const ask = (peek: Partial<Ask["peek"]> = {}, more: Partial<Ask> = {}): Ask => ({
  models: ["auto"],
  purpose: { fits: ({ mode }) => mode === "chat", noun: "a chat model", servedBy: () => true },
  operation: "chat",
  preferences: noPreferences,
  stream: false,
  peek: { ...saying, ...peek },
  caller: { keyId: "key_1", customer: "acme", project: "shop", metadata: {} },
  ...more,
});

const auto = (name: string, asked = ask(), providers: readonly string[] | null = null, catalog = installed) =>
  autoModels(name, { catalog, ask: asked, available: (facts) => providers?.includes(facts.provider) ?? true });

/** A model that is above every floor, at two providers. */
const sound = (name: string, price: string, more: Partial<ModelFacts> = {}): readonly ModelFacts[] =>
  ["east", "west"].map((provider) =>
    row(provider, price, {
      canonical: `lab/${name}`,
      providerModelId: name,
      contextWindow: 100_000,
      releaseDate: "2026-05-01",
      ...more,
    }),
  );

describe("auto over the installed catalogue", () => {
  it.each(["auto", "auto:high", "auto:max"])("finds models for %s, at most five, all of them different", (name) => {
    const models = auto(name);
    expect(models.length).toBeGreaterThan(0);
    expect(models.length).toBeLessThanOrEqual(5);
    expect(new Set(models).size).toBe(models.length);
    for (const model of models) expect(installed.models().has(model), model).toBe(true);
  });

  it("finds dearer models the higher the floor is", () => {
    const priceOf = (model = "") => Math.min(...(installed.models().get(model) ?? []).map(cost));
    const [standard, high, most] = ["auto", "auto:high", "auto:max"].map((name) => priceOf(auto(name)[0]));
    expect(standard).toBeLessThan(high ?? 0);
    expect(high).toBeLessThan(most ?? 0);
  });

  it("finds something at a single large provider, and nothing at one that serves no chat", () => {
    for (const provider of ["openai", "anthropic", "google"]) {
      const models = auto("auto", ask(), [provider]);
      expect(models.length, provider).toBeGreaterThan(0);
      expect(models.every((model) => model.startsWith(`${provider}/`))).toBe(true);
    }
    expect(auto("auto", ask(), ["voyage"])).toEqual([]);
  });

  it("finds models that are known to take what the call brings, and none for what is no chat", () => {
    for (const model of auto("auto", ask({ tools: true, images: true, jsonSchema: true }))) {
      const able = (installed.models().get(model) ?? []).filter(
        ({ capabilities, inputModalities }) =>
          capabilities.tools === true && capabilities.jsonSchema === true && inputModalities.includes("image"),
      );
      expect(able.length, model).toBeGreaterThan(0);
    }
    expect(auto("auto", ask({}, { operation: "embeddings", peek: null, purpose: embedding }))).toEqual([]);
  });
});

describe("auto", () => {
  it("takes the cheapest mix of input and output first, wherever it may be had", () => {
    const rows = [
      ...sound("dear", "20"),
      ...sound("cheap", "12"),
      ...sound("bargain", "15").map((facts) =>
        facts.provider === "west" ? { ...facts, ...priced("1", "11") } : facts,
      ),
    ];
    const catalog = createCatalog(rows);
    expect(auto("auto:max", ask(), null, catalog)).toEqual(["lab/bargain", "lab/cheap", "lab/dear"]);
    expect(auto("auto:max", ask(), ["east"], catalog)).toEqual(["lab/cheap", "lab/bargain", "lab/dear"]);
  });

  it.each<[string, string, Partial<ModelFacts>]>([
    ["is on trial", "model", { status: "beta" }],
    ["is deprecated", "model", { status: "deprecated" }],
    ["has been retired", "model", { retireDate: "2026-04-30" }],
    ["came out a year before the newest", "model", { releaseDate: "2025-04-30" }],
    ["came out nobody knows when", "model", { releaseDate: "" }],
    ["is called a preview", "model-preview", {}],
    ["stands for changing models", "model-latest", {}],
    ["is made for one thing", "model-codex-2", {}],
    ["is small by its name", "model-9b-it", {}],
    ["makes pictures", "model", { outputModalities: ["text", "image"] }],
    ["has no price that anybody vouches for", "model", { zeroPrice: true }],
    ["has no known price", "model", { prices: null }],
    ["is no chat model", "model", { mode: "completion" }],
  ])("takes no model that %s", (_, name, more) => {
    const rows = [...sound(name, "12", more), ...sound("other", "13")];
    expect(auto("auto", ask(), null, createCatalog(rows))).toEqual(["lab/other"]);
  });

  it("takes no model that a single provider lists, nor one that is cheap nearly everywhere", () => {
    const [lonely] = sound("lonely", "12");
    const cheap = [...sound("cheap", "0.1"), ...sound("cheap", "30").slice(0, 1)].map((facts, at) => ({
      ...facts,
      id: `p${at}/cheap`,
      provider: `p${at}`,
    }));
    const rows = [...(lonely ? [lonely] : []), ...cheap, ...sound("other", "13")];
    expect(auto("auto", ask(), null, createCatalog(rows))).toEqual(["lab/other"]);
  });

  it("keeps room for a longer prompt than was estimated, and for the answer", () => {
    const catalog = createCatalog(sound("model", "12", { maxOutputTokens: 8_000 }));
    const fits = (peek: Partial<Ask["peek"]>) => auto("auto", ask(peek), null, catalog).length === 1;
    expect(fits({ textLength: 320_000 })).toBe(true);
    expect(fits({ textLength: 320_004 })).toBe(false);
    expect(fits({ textLength: 320_000, maxOutputTokens: 1 })).toBe(false);
    expect(fits({ maxOutputTokens: 8_000 })).toBe(true);
    expect(fits({ maxOutputTokens: 8_001 })).toBe(false);
  });

  it("does not believe one provider alone that says that a model takes pictures", () => {
    const seeing: Partial<ModelFacts> = { inputModalities: ["text", "image"] };
    const believed = [...sound("model", "12", seeing), ...sound("blind", "11")];
    const one = believed.map((facts) => (facts.canonical === "lab/blind" ? { ...facts, id: `${facts.id}2` } : facts));
    const odd = row("north", "11", { ...sound("blind", "11", seeing)[0], id: "north/blind", provider: "north" });
    const catalog = createCatalog([...one, odd]);
    expect(auto("auto", ask({ images: true }), null, catalog)).toEqual(["lab/model"]);
  });

  it("is a name of its own, with its floors", () => {
    expect(["auto", "auto:standard", "auto:high", "auto:max"].map(isAuto)).toEqual([true, true, true, true]);
    expect(["Auto", "auto:", "auto:floor", "toString", "openrouter/auto"].some(isAuto)).toBe(false);
  });
});

describe("a call for auto", () => {
  const rows = [...sound("cheap", "12"), ...sound("dear", "20")];
  const planned = (preferences: Partial<Preferences>, more: Partial<Ask> = {}) =>
    world(rows, { dataPolicies: { west: { collects: false, retains: false } } })
      .plan({ models: ["auto"], ...more }, preferences)
      .steps.map(({ deployment }) => `${deployment.connection.id}/${deployment.model}`);

  it("goes to the cheapest model first, at each of its providers, and to the others after it", () => {
    const steps = planned({});
    expect(steps.slice(0, 2).toSorted()).toEqual(["east/cheap", "west/cheap"]);
    expect(steps.slice(2).toSorted()).toEqual(["east/dear", "west/dear"]);
  });

  it("goes where the caller wants it and where policies let it, and is refused with a reason elsewhere", () => {
    expect(planned({ ignore: ["east"] })).toEqual(["west/cheap", "west/dear"]);
    expect(planned({ zeroDataRetention: true })).toEqual(["west/cheap", "west/dear"]);
    const refuses: Ask["refuses"] = (requested, { facts }) =>
      requested === "auto" && facts?.canonical === "lab/cheap" ? "model" : null;
    expect(planned({}, { refuses }).toSorted()).toEqual(["east/dear", "west/dear"]);
    const refusal = world(rows).refusal({ models: ["auto"] }, { only: ["north"] });
    expect([refusal.code, refusal.status]).toEqual(["no_deployment_available", 404]);
  });
});

const embedding: Ask["purpose"] = {
  fits: ({ mode }) => mode === "embedding",
  noun: "an embedding model",
  servedBy: () => true,
};

function priced(input: string, output: string): Pick<ModelFacts, "prices"> {
  return { prices: { input, output, tiers: [], modes: {} } };
}

function cost({ prices, zeroPrice }: ModelFacts): number {
  const known = prices?.input !== undefined && prices.output !== undefined && !zeroPrice;
  return known ? (3 * Number(prices.input) + Number(prices.output)) / 4 : Infinity;
}
