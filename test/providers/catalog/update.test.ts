// An update from models.dev: what it changes, what it leaves alone, and what it refuses to read.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createCatalog } from "../../../providers/catalog/catalog.ts";
import { readModelsDev } from "../../../providers/catalog/models-dev.ts";
import { type CompactCatalog, readCatalog } from "../../../providers/catalog/row.ts";
import { catalogRows } from "../../../providers/catalog/rows.ts";
import { catalogText } from "../../../providers/catalog/source.ts";
import { updateCatalog } from "../../../providers/catalog/update.ts";

const document: unknown = JSON.parse(
  readFileSync(new URL("../../fixtures/catalog/models-dev.json", import.meta.url), "utf8"),
);
const current = catalogRows();
const source = readModelsDev(document);
const update = updateCatalog(current, source);
const after = createCatalog(update.rows);

describe("an update from models.dev", () => {
  test("changes the prices and limits that the source states, and keeps what it is silent about", () => {
    expect(update.changed).toEqual([
      {
        id: "openai/gpt-5-mini",
        changes: [
          { fact: "contextWindow", from: "400000", to: "500000" },
          { fact: "prices.input", from: "0.25", to: "0.2" },
          { fact: "prices.cacheRead", from: "0.025", to: "0.02" },
        ],
      },
    ]);
    expect(after.get("openai/gpt-5-mini")?.capabilities).toMatchObject({ parallelTools: true, promptCache: true });
  });

  test("adds new models with their tiers and modes, priced exactly", () => {
    expect(after.get("openai/gpt-new")).toMatchObject({
      canonical: "openai/gpt-new",
      mode: "chat",
      contextWindow: 128_000,
      maxOutputTokens: 16_384,
      zeroPrice: false,
      prices: {
        input: "1.25",
        output: "10",
        cacheRead: "0.125",
        tiers: [{ aboveInputTokens: 272_000, input: "2.5", output: "20" }],
        modes: { fast: { input: "2.5", output: "20", body: { service_tier: "priority" } } },
      },
    });
  });

  test("knows the same model at another provider, by our name of that provider", () => {
    const row = after.get("fireworks/accounts/fireworks/models/gpt-new");
    expect(row).toMatchObject({ canonical: "openai/gpt-new", provider: "fireworks", zeroPrice: true });
  });

  test("removes what its own source no longer lists, and nothing of another source or of a provider that it lacks", () => {
    const gone = new Set(update.removed.map(({ id }) => id));
    expect(gone).toContain("openai/gpt-4o");
    expect([...new Set(update.removed.map(({ provider }) => provider))].sort()).toEqual(["fireworks", "openai"]);
    const litellm = current.filter(({ from }) => from === "litellm");
    expect(litellm.length).toBeGreaterThan(1_000);
    for (const row of litellm) expect(after.get(row.id)).toEqual(row);
    for (const row of current.filter(({ provider }) => provider === "anthropic"))
      expect(after.get(row.id)).toEqual(row);
  });

  test("leaves out providers that are unknown here, and names what it can't read", () => {
    expect(update.skipped).toEqual(["unheard-of"]);
    expect(source.unreadable).toEqual([expect.stringMatching(/^openai\/odd: modalities: /)]);
  });

  test("is a catalogue that survives storing, and to which the same source has nothing to add", () => {
    const stored = readCatalog(JSON.parse(catalogText(update.rows, "2026-11-24")) as CompactCatalog);
    expect(new Map(stored.map((row) => [row.id, row]))).toEqual(new Map(update.rows.map((row) => [row.id, row])));
    expect(updateCatalog(stored, source)).toMatchObject({ added: [], removed: [], changed: [] });
  });

  test.each([[[]], ["x"], [{ openai: { name: "OpenAI" } }], [{ openai: { models: {} } }], [{}]])(
    "refuses what is not its document: %j",
    (other) => {
      expect(() => readModelsDev(other)).toThrow(/^it /);
    },
  );
});
