// The configuration file: what it declares, and how it says what is wrong with it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfigFile } from "../src/config-file.node.ts";

describe("turnpike.yaml", () => {
  let file: string;
  beforeAll(() => {
    file = join(mkdtempSync(join(tmpdir(), "turnpike-config-")), "turnpike.yaml");
  });
  afterAll(() => rmSync(join(file, ".."), { recursive: true }));
  const known = { providers: new Set(["openai", "vllm"]), models: new Set(["openai/gpt-5-mini"]) };
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

  it("may be empty, or not there unless a setting names it", () => {
    expect(read("# nothing yet\n")).toEqual({ models: [] });
    expect(() => readConfigFile(join(file, "..", "none.yaml"), known)).toThrow(
      /^TURNPIKE_CONFIG: .*none.yaml .*ENOENT/,
    );
  });

  it.each([
    ["models:\n  - id: gpt\n", "line 2: models[0].id: expected provider/model"],
    ["models:\n  - id: openai/x\n    prices:\n      input: dear\n", "line 4: models[0].prices.input: expected a price"],
    ["models:\n  - id: nobody/x\n", "line 2: models[0].id: Turnpike has no provider nobody"],
    ["models:\n  - id: openai/x\n  - id: openai/x\n", "line 3: models[1].id: openai/x is declared twice"],
    [
      "prices:\n  openai/gpt-9: { input: 1 }\n",
      "line 2: prices.openai/gpt-9: the catalogue has no such model; declare it",
    ],
    ["model: []\n", 'Unrecognized key: "model"'],
    ["models:\n  - id: openai/x\n    colour: red\n", "line 2: models[0]: "],
    ["models: [\n", "at line"],
    ["- a\n", "line 1: "],
  ])("says what is wrong, and where: %j", (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(`${file} can't be used:`);
  });
});
