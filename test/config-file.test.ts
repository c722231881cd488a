// The configuration file: what it declares, and how it says what is wrong with it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalog } from "../providers/catalog/catalog.ts";
import { type ModelDeclaration, withDeclarations } from "../providers/catalog/declared.ts";
import { catalogRows } from "../providers/catalog/rows.ts";
import { readConfig } from "../src/config.ts";
import { readConfigFile } from "../src/config-file.node.ts";

describe("turnpike.yaml", () => {
  let file: string;
  beforeAll(() => {
    file = join(mkdtempSync(join(tmpdir(), "turnpike-config-")), "turnpike.yaml");
  });
  afterAll(() => rmSync(join(file, ".."), { recursive: true }));
  const rows = catalogRows();
  const known = {
    providers: new Set(["openai", "vllm"]),
    models: new Set(["openai/gpt-5-mini"]),
    catalogWith: (models: readonly ModelDeclaration[]) => createCatalog(withDeclarations(rows, models)),
  };
  const read = (text: string) => {
    writeFileSync(file, text);
    return readConfigFile(file, known);
  };

  it("declares models and prices, numbers read as exact decimals", () => {
    const { models } = read(`
models:
  - id: vllm/acme-7b
    canonical: acme/acme-7b
    context_window: 32768
    max_output_tokens: 4096
    capabilities: { tools: true }
    prices: { input: 0.1, output: "0.40" }
prices:
  openai/gpt-5-mini: { input: 0.2, output: 1.6, cache_read: 0.02 }
`);
    expect(models).toEqual([
      {
        id: "vllm/acme-7b",
        canonical: "acme/acme-7b",
        contextWindow: 32_768,
        maxOutputTokens: 4_096,
        capabilities: { tools: true },
        prices: { input: "0.1", output: "0.40" },
      },
      { id: "openai/gpt-5-mini", prices: { input: "0.2", output: "1.6", cacheRead: "0.02" } },
    ]);
  });

  it("declares aliases by their names, as a route, a model or a list of them", () => {
    const { aliases } = read(`
models:
  - id: vllm/acme-7b
    canonical: acme/acme-7b
aliases:
  cheap: acme/acme-7b
  careful: [openai/gpt-5-mini, cheap]
  smart:
    targets: [{ model: openai/gpt-5-mini, weight: 3 }, vllm/anything]
    strategy: weighted
    sticky: user
    rules:
      - when: { input_tokens: { above: 1000 }, customers: [acme] }
        then: [openai/gpt-5, auto]
`);
    expect(aliases).toEqual([
      { name: "cheap", targets: ["acme/acme-7b"] },
      { name: "careful", targets: ["openai/gpt-5-mini", "cheap"] },
      {
        name: "smart",
        targets: [{ model: "openai/gpt-5-mini", weight: 3 }, "vllm/anything"],
        strategy: "weighted",
        sticky: "user",
        rules: [expect.objectContaining({ when: { input_tokens: { above: 1000 }, customers: ["acme"] } })],
      },
    ]);
    expect(aliases[2]?.rules?.[0]?.then).toEqual({ targets: ["openai/gpt-5", "auto"] });
  });

  it("gives defaults of settings, which the environment goes before", () => {
    const { defaults } = read("defaults: { routing: { price: 7, latency: 3 }, max_attempts: 5, hedge: on }");
    expect(readConfig({}, defaults)).toMatchObject({
      routing: { price: 7, latency: 3, throughput: 0, time: 0 },
      maxAttempts: 5,
      hedge: true,
      idleTimeoutMs: 120_000,
    });
    const env = { TURNPIKE_ROUTING: "latency", TURNPIKE_MAX_ATTEMPTS: "2", TURNPIKE_HEDGE: "" };
    expect(readConfig(env, defaults)).toMatchObject({ routing: "latency", maxAttempts: 2, hedge: true });
  });

  it("may be empty, or not there unless a setting names it", () => {
    expect(read("# nothing yet\n")).toEqual({ models: [], aliases: [], defaults: {}, audit: { exporters: [] } });
    expect(() => readConfigFile(join(file, "..", "none.yaml"), known)).toThrow(
      /^TURNPIKE_CONFIG: .*none.yaml .*ENOENT/,
    );
  });

  it.each([
    ["models:\n  - id: gpt\n", "line 2: `models[0].id`: expected provider/model"],
    [
      "models:\n  - id: openai/x\n    prices:\n      input: dear\n",
      "line 4: `models[0].prices.input`: expected a price",
    ],
    ["models:\n  - id: nobody/x\n", "line 2: `models[0].id`: Turnpike has no provider nobody"],
    ["models:\n  - id: openai/x\n  - id: openai/x\n", "line 3: `models[1].id`: openai/x is declared twice"],
    [
      "prices:\n  openai/gpt-9: { input: 1 }\n",
      "line 2: `prices.openai/gpt-9`: the catalogue has no such model; declare it",
    ],
    ["model: []\n", 'Unrecognized key: "model"'],
    ["models:\n  - id: openai/x\n    colour: red\n", "line 2: `models[0]`: "],
    ["models: [\n", "at line"],
    ["- a\n", "line 1: "],
    [
      "aliases:\n  a:\n    targets: [gpt-99]\n",
      "line 3: `aliases.a.targets[0]`: there is no model, alias or provider for gpt-99",
    ],
    [
      "aliases:\n  ok: auto\n  a: gpt-99\n",
      "line 3: `aliases.a.targets[0]`: there is no model, alias or provider for gpt-99",
    ],
    ["aliases:\n  a b: auto\n", "line 2: `aliases.a b`: expected 1 to 128 visible characters"],
    [
      "aliases:\n  openai/gpt-5: auto\n",
      "line 2: `aliases.openai/gpt-5`: openai/gpt-5 is the name of a provider's or lab's own model",
    ],
    [
      "aliases:\n  a: b\n  b:\n    - auto\n    - a\n",
      "line 2: `aliases.a`: an alias can't lead back to itself: `a` → `b` → `a`",
    ],
    [
      "aliases:\n  a:\n    targets: [auto]\n    strategy: best\n",
      "line 4: `aliases.a.strategy`: expected one of ordered, weighted",
    ],
    [
      "aliases:\n  a:\n    targets: [auto]\n    rules:\n      - when: { tool: true }\n        then: auto\n",
      "line 5: `aliases.a.rules[0].when`: Unrecognized key",
    ],
    ["aliases:\n  a: 3\n", "line 2: `aliases.a`: "],
    ["defaults:\n  max_attempts: 99\n", "line 2: `defaults.max_attempts`: Too big"],
    ["defaults:\n  idle_timeout_ms:\n", "line 2: `defaults.idle_timeout_ms`: expected a value"],
    ["defaults:\n  routing: fast\n", "line 2: `defaults.routing`: expected one of balanced"],
    ["defaults:\n  port: 1\n", "line 2: `defaults`: Unrecognized key"],
  ])("says what is wrong, and where: %j", (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(`${file} can't be used:`);
  });
});
