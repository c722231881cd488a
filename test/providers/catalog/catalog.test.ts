// What model names mean.
import { describe, expect, test } from "vitest";
import { createCatalog, type Resolution } from "../../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../../providers/catalog/facts.ts";
import { catalogRows } from "../../../providers/catalog/rows.ts";

const rows = catalogRows();
const catalog = createCatalog(rows);

function found(resolution: Resolution): Extract<Resolution, { kind: "model" }> {
  if (resolution.kind !== "model") throw new Error(`not found, but ${JSON.stringify(resolution)}`);
  return resolution;
}

function row(provider: string, model: string, canonical: string, more: Partial<ModelFacts> = {}): ModelFacts {
  const [first] = rows;
  if (!first) throw new Error("the catalogue is empty");
  return { ...first, id: `${provider}/${model}`, provider, providerModelId: model, canonical, name: model, ...more };
}

describe("a canonical id", () => {
  test("means every provider that serves the model, its lab first", () => {
    const { canonical, pinned, deployments } = found(catalog.resolve("openai/gpt-5-mini"));
    expect(canonical).toBe("openai/gpt-5-mini");
    expect(pinned).toBeNull();
    expect(deployments[0]?.provider).toBe("openai");
    expect(deployments.map(({ provider }) => provider)).toContain("azure");
    expect(deployments.length).toBeGreaterThan(3);
    for (const deployment of deployments) expect(deployment.canonical).toBe("openai/gpt-5-mini");
  });

  test("wins over a provider's own id of the same spelling", () => {
    const both = createCatalog([row("lab", "m", "lab/m"), row("host", "hosted-m", "lab/m")]);
    const { pinned, deployments } = found(both.resolve("lab/m"));
    expect(pinned).toBeNull();
    expect(deployments.map(({ id }) => id)).toEqual(["lab/m", "host/hosted-m"]);
  });

  test("keeps a dated snapshot apart from the model that moves", () => {
    const { canonical, deployments } = found(catalog.resolve("openai/gpt-5-mini-2025-08-07"));
    expect(canonical).toBe("openai/gpt-5-mini-2025-08-07");
    for (const { providerModelId } of deployments) expect(providerModelId).toMatch(/2025-08-07$/);
  });
});

describe("a provider's own id", () => {
  test("pins the provider", () => {
    const { canonical, pinned, deployments } = found(catalog.resolve("groq/llama-3.3-70b-versatile"));
    expect(canonical).toBe("meta/llama-3.3-70b-instruct");
    expect(pinned).toBe("groq");
    expect(deployments.map(({ id }) => id)).toEqual(["groq/llama-3.3-70b-versatile"]);
  });

  test("may hold slashes", () => {
    const { pinned, deployments } = found(catalog.resolve("openrouter/openai/gpt-5-mini"));
    expect(pinned).toBe("openrouter");
    expect(deployments[0]?.providerModelId).toBe("openai/gpt-5-mini");
  });

  test("may be replaced by any name of the model after the provider", () => {
    for (const name of ["groq/llama-3.3-70b-instruct", "groq/meta/llama-3.3-70b-instruct"]) {
      const { pinned, deployments } = found(catalog.resolve(name));
      expect(pinned).toBe("groq");
      expect(deployments.map(({ id }) => id)).toEqual(["groq/llama-3.3-70b-versatile"]);
    }
  });

  test("pins nothing when the provider does not serve the model", () => {
    expect(catalog.resolve("groq/gpt-5-mini")).toEqual({ kind: "unknown" });
  });
});

describe("a bare name", () => {
  test("means the one model whose canonical id ends with it", () => {
    expect(found(catalog.resolve("gpt-5-mini")).canonical).toBe("openai/gpt-5-mini");
    expect(found(catalog.resolve("gpt-5-mini")).deployments[0]?.id).toBe("openai/gpt-5-mini");
  });

  test("may be a provider's spelling, which that provider's row then leads", () => {
    const { canonical, pinned, deployments } = found(catalog.resolve("llama-3.3-70b-versatile"));
    expect(canonical).toBe("meta/llama-3.3-70b-instruct");
    expect(pinned).toBeNull();
    expect(deployments[0]?.id).toBe("groq/llama-3.3-70b-versatile");
    expect(deployments.length).toBeGreaterThan(1);
  });

  test("is ambiguous when two models share it", () => {
    const shared = createCatalog([row("a", "m", "lab-a/m"), row("b", "m", "lab-b/m")]);
    expect(shared.resolve("m")).toEqual({ kind: "ambiguous", candidates: ["lab-a/m", "lab-b/m"] });
  });

  test("prefers a canonical id's own segment to a provider's spelling of another model", () => {
    const close = createCatalog([row("a", "x", "lab/m"), row("b", "m", "lab/other")]);
    expect(found(close.resolve("m")).canonical).toBe("lab/m");
  });
});

describe("any name", () => {
  test("is found in any case when its exact spelling is not there", () => {
    expect(found(catalog.resolve("OpenAI/GPT-5-Mini")).canonical).toBe("openai/gpt-5-mini");
    expect(found(catalog.resolve("GPT-5-MINI")).canonical).toBe("openai/gpt-5-mini");
    expect(found(catalog.resolve("GROQ/Llama-3.3-70B-Versatile")).pinned).toBe("groq");
  });

  test("is unknown when no row has it, however odd it is", () => {
    const odd = ["", "/", "openai/", "/gpt-5-mini", "no-such-model", "__proto__", "constructor", "?", "x".repeat(1e6)];
    for (const name of odd) expect(catalog.resolve(name), name.slice(0, 40)).toEqual({ kind: "unknown" });
  });

  test("of every row leads back to the row's model", () => {
    for (const facts of rows) {
      expect(found(catalog.resolve(facts.canonical)).deployments).toContain(facts);
      const own = found(catalog.resolve(facts.id));
      expect(own.canonical).toBe(facts.canonical);
      expect(own.deployments).toContain(facts);
      expect(catalog.get(facts.id)).toBe(facts);
    }
  });
});

describe("options after a name", () => {
  const withSandbox = createCatalog([
    ...rows,
    row("sandbox", "slow", "sandbox/slow", { takesOptions: true }),
    row("plain", "slow", "plain/slow-one"),
  ]);

  test("stay with the provider's model name where the row takes options", () => {
    const { canonical, deployments } = found(withSandbox.resolve("sandbox/slow?ttft=800&tps=20"));
    expect(canonical).toBe("sandbox/slow");
    expect(deployments).toHaveLength(1);
    expect(deployments[0]).toMatchObject({ id: "sandbox/slow", providerModelId: "slow?ttft=800&tps=20" });
  });

  test("make the name of any other model unknown", () => {
    expect(withSandbox.resolve("openai/gpt-5-mini?ttft=800")).toEqual({ kind: "unknown" });
    expect(withSandbox.resolve("plain/slow?ttft=800")).toEqual({ kind: "unknown" });
  });
});

describe("suggestions", () => {
  test.each([
    ["gpt5-mini", "openai/gpt-5-mini"],
    ["openai/gpt-5-minni", "openai/gpt-5-mini"],
    ["anthropic/claude-opus-4.6", "anthropic/claude-opus-4-6"],
    ["gemini-pro-2.5", "google/gemini-2.5-pro"],
    ["deepseek-chatt", "deepseek/deepseek-chat"],
  ])("for %s hold %s", (name, wanted) => {
    expect(catalog.suggest(name)).toContain(wanted);
  });

  test("are three at most, and none for a name like no other", () => {
    expect(catalog.suggest("llama")).toHaveLength(3);
    expect(catalog.suggest("zzzzzzzzqqqq")).toEqual([]);
    expect(catalog.suggest("")).toEqual([]);
    expect(catalog.suggest("a".repeat(1e6))).toEqual([]);
  });
});

test("two rows of one id are refused", () => {
  expect(() => createCatalog([row("a", "m", "lab/m"), row("a", "m", "lab/m2")])).toThrow(/a\/m/);
});
