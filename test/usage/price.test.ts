// What calls cost, to the nanodollar.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCatalog } from "../../providers/catalog/catalog.ts";
import type { Prices, TokenPrices } from "../../providers/catalog/facts.ts";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { costOf, formatUsd, type Priced, worstCost } from "../../src/usage/price.ts";

const rows = catalogRows();
const catalog = createCatalog(rows);

function facts(id: string): Priced {
  const found = catalog.get(id);
  if (!found) throw new Error(`${id} is not in the catalogue`);
  return found;
}

function priced(prices: TokenPrices, more: Partial<Pick<Prices, "tiers" | "modes">> = {}): Priced {
  return { prices: { tiers: [], modes: {}, ...prices, ...more }, unitPrices: null };
}

describe("the cost of a call", () => {
  test("is the sum of its counters at the row's prices", () => {
    // gpt-5-mini: 0.25 in, 0.025 cached, 2 out, USD per million tokens.
    const usage: Usage = { inputTokens: 1000, cachedInputTokens: 2000, outputTokens: 300, reasoningTokens: 100 };
    expect(costOf(usage, facts("openai/gpt-5-mini"))).toBe(250_000n + 50_000n + 800_000n);
  });

  test("bills a cache read at its own price and a reported zero at nothing", () => {
    const cached = costOf(
      { inputTokens: 0, cachedInputTokens: 1_000_000, outputTokens: 0 },
      facts("openai/gpt-5-mini"),
    );
    expect(cached).toBe(25_000_000n);
    expect(costOf({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 }, facts("openai/gpt-5-mini"))).toBe(0n);
  });

  test("bills cache writes of 5 minutes and of an hour at Anthropic's two multipliers", () => {
    const opus = facts("anthropic/claude-opus-4-6");
    expect(costOf({ inputTokens: 0, cacheWriteTokens: 1_000_000, outputTokens: 0 }, opus)).toBe(6_250_000_000n);
    expect(costOf({ inputTokens: 0, cacheWrite1hTokens: 1_000_000, outputTokens: 0 }, opus)).toBe(10_000_000_000n);
  });

  test("bills an hour's cache write at its own price where the row has one", () => {
    const row = priced({ input: "1", output: "1", cacheWrite: "1.25", cacheWrite1h: "1.9" });
    expect(costOf({ inputTokens: 0, cacheWrite1hTokens: 10, outputTokens: 0 }, row)).toBe(19_000n);
  });

  test("bills an hour's cache write like any other where no such multipliers are documented", () => {
    const row = priced({ input: "1", output: "1", cacheWrite: "0.5" });
    expect(costOf({ inputTokens: 0, cacheWrite1hTokens: 10, outputTokens: 0 }, row)).toBe(10_000n);
  });

  test("bills reasoning as output, unless it has a price of its own", () => {
    const usage: Usage = { inputTokens: 0, outputTokens: 0, reasoningTokens: 1_000_000 };
    expect(costOf(usage, facts("openai/gpt-5-mini"))).toBe(2_000_000_000n);
    expect(costOf(usage, facts("alibaba/qwen-plus"))).toBe(4_000_000_000n);
  });

  test("bills audio at the price of audio", () => {
    const usage: Usage = { inputTokens: 0, inputAudioTokens: 1000, outputTokens: 0, outputAudioTokens: 1000 };
    expect(costOf(usage, facts("openai/gpt-4o-audio-preview"))).toBe(40_000_000n + 80_000_000n);
  });

  test("bills a counter without a price at the text price of its direction", () => {
    const usage: Usage = {
      inputTokens: 1,
      cachedInputTokens: 1,
      cacheWriteTokens: 1,
      cacheWrite1hTokens: 1,
      inputAudioTokens: 1,
      outputTokens: 1,
      reasoningTokens: 1,
      outputAudioTokens: 1,
    };
    expect(costOf(usage, priced({ input: "2", output: "3" }))).toBe(5n * 2000n + 3n * 3000n);
  });

  test("is rounded half up, once, at the end", () => {
    const row = priced({ input: "0.0005", output: "0.0004" });
    expect(costOf({ inputTokens: 1, outputTokens: 0 }, row)).toBe(1n);
    expect(costOf({ inputTokens: 0, outputTokens: 1 }, row)).toBe(0n);
    expect(costOf({ inputTokens: 1, outputTokens: 2 }, row)).toBe(1n);
    expect(costOf({ inputTokens: 0, outputTokens: 4 }, row)).toBe(2n);
  });
});

describe("a tier", () => {
  const gemini = facts("google/gemini-2.5-pro");

  test("begins above its threshold, not at it, and prices the whole call", () => {
    expect(costOf({ inputTokens: 200_000, outputTokens: 1000 }, gemini)).toBe(250_000_000n + 10_000_000n);
    expect(costOf({ inputTokens: 200_001, outputTokens: 1000 }, gemini)).toBe(500_002_500n + 15_000_000n);
  });

  test("goes by all input, however much of it was cached", () => {
    const usage: Usage = { inputTokens: 1, cachedInputTokens: 200_000, outputTokens: 0 };
    expect(costOf(usage, gemini)).toBe(2_500n + 50_000_000n);
  });

  test("that is silent about a counter bills it no cheaper than the plain row does", () => {
    const tiers = [{ aboveInputTokens: 10, input: "2", output: "4" }];
    const row = priced({ input: "1", output: "2", inputAudio: "30", cacheRead: "0.1" }, { tiers });
    expect(costOf({ inputTokens: 11, inputAudioTokens: 1, outputTokens: 0 }, row)).toBe(22_000n + 30_000n);
    expect(costOf({ inputTokens: 11, cachedInputTokens: 1, outputTokens: 0 }, row)).toBe(24_000n);
  });
});

describe("a way of serving", () => {
  const usage: Usage = { inputTokens: 1000, outputTokens: 1000 };

  test("has its own price when the provider says that it served so", () => {
    const opus = facts("anthropic/claude-opus-4-6");
    expect(costOf(usage, opus, { speed: "fast" })).toBe(180_000_000n);
    expect(costOf(usage, opus, { speed: "standard" })).toBe(30_000_000n);
    expect(costOf(usage, facts("openai/gpt-5.4"), { serviceTier: "priority" })).toBe(35_000_000n);
    expect(costOf(usage, facts("openai/gpt-5.4"), { serviceTier: "default" })).toBe(17_500_000n);
  });

  test("goes by its name where the request asks for it by name", () => {
    const row = priced({ input: "2", output: "2" }, { modes: { flex: { input: "1", output: "1" } } });
    expect(costOf(usage, row, { serviceTier: "flex" })).toBe(2_000_000n);
    expect(costOf(usage, row, { serviceTier: "priority" })).toBe(4_000_000n);
    expect(costOf(usage, row, { serviceTier: null })).toBe(4_000_000n);
  });

  test("never makes a long call cheaper than its tier", () => {
    const tiers = [{ aboveInputTokens: 10, input: "4", output: "4" }];
    const row = priced({ input: "2", output: "2" }, { tiers, modes: { flex: { input: "1", output: "1" } } });
    expect(costOf(usage, row, { serviceTier: "flex" })).toBe(8_000_000n);
  });

  test("of batches is not for calls that are answered at once", () => {
    const row = priced({ input: "2", output: "2" }, { modes: { batches: { input: "1", output: "1" } } });
    expect(costOf(usage, row, { serviceTier: "batches" })).toBe(4_000_000n);
  });
});

describe("an unknown price", () => {
  const usage: Usage = { inputTokens: 10, outputTokens: 10 };

  test("is null, never zero", () => {
    expect(costOf(usage, { prices: null, unitPrices: null })).toBeNull();
    expect(costOf(usage, facts("deepgram/nova-2"))).toBeNull();
    expect(worstCost(10, 10, facts("deepgram/nova-2"))).toBeNull();
  });

  test("of a counter makes the cost unknown only when the counter was used", () => {
    const inputOnly = facts("watsonx/core42/jais-13b-chat");
    expect(costOf(usage, inputOnly)).toBeNull();
    expect(costOf({ inputTokens: 10, outputTokens: 0 }, inputOnly)).toBe(5_000_000n);
  });

  test("is that of a row billed by another unit, whose tokens are priced at nothing", () => {
    expect(costOf(usage, facts("cohere/rerank-v3.5"))).toBeNull();
  });

  test("is not that of a free row, which costs nothing", () => {
    const free = rows.filter((row) => row.zeroPrice);
    expect(free.length).toBeGreaterThan(100);
    for (const row of free) expect([row.id, costOf(usage, row)]).toEqual([row.id, 0n]);
  });
});

/** A price as text, with up to `places` decimals. */
const price = fc
  .tuple(fc.nat(10_000_000), fc.integer({ min: 0, max: 8 }))
  .map(([digits, places]) => decimalText(digits, places));

function decimalText(digits: number, places: number): string {
  const text = String(digits).padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}

const ownPrices = fc.record(
  {
    input: price,
    output: price,
    cacheRead: price,
    cacheWrite: price,
    cacheWrite1h: price,
    inputAudio: price,
    outputAudio: price,
    reasoning: price,
  },
  { requiredKeys: ["input", "output"] },
);

const tokens = fc.oneof(fc.nat(300), fc.nat(2_000_000));
const anyUsage: fc.Arbitrary<Usage> = fc.record(
  {
    inputTokens: tokens,
    cachedInputTokens: tokens,
    cacheWriteTokens: tokens,
    cacheWrite1hTokens: tokens,
    inputAudioTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
    outputAudioTokens: tokens,
  },
  { requiredKeys: ["inputTokens", "outputTokens"] },
);

const tieredRow = fc
  .record({
    own: ownPrices,
    tiers: fc.array(fc.record({ aboveInputTokens: tokens, input: price, output: price }), { maxLength: 2 }),
    flex: fc.option(fc.record({ input: price, output: price }), { nil: undefined }),
  })
  .map(({ own, tiers, flex }) =>
    priced(own, {
      tiers: [...tiers].sort((a, b) => a.aboveInputTokens - b.aboveInputTokens),
      modes: flex ? { flex } : {},
    }),
  );

/** The same sum as a fraction of whole numbers, rounded at the end: an independent reckoning. */
function reckoned(lines: readonly (readonly [number, string])[]): bigint {
  let numerator = 0n;
  let denominator = 1n;
  for (const [count, decimal] of lines) {
    const [whole = "0", fraction = ""] = decimal.split(".");
    const over = 10n ** BigInt(fraction.length);
    const line = BigInt(count) * 1000n * BigInt(`${whole}${fraction}`);
    numerator = numerator * over + line * denominator;
    denominator *= over;
  }
  return (numerator * 2n + denominator) / (denominator * 2n);
}

describe("for any prices and usage", () => {
  test("the cost is the exact sum, rounded half up", () => {
    fc.assert(
      fc.property(ownPrices, anyUsage, (own, usage) => {
        const all = { cacheRead: own.input, inputAudio: own.input, outputAudio: own.output, reasoning: own.output };
        const set = { ...all, cacheWrite: own.input, cacheWrite1h: own.input, ...own };
        const expected = reckoned([
          [usage.inputTokens, set.input],
          [usage.cachedInputTokens ?? 0, set.cacheRead],
          [usage.cacheWriteTokens ?? 0, set.cacheWrite],
          [usage.cacheWrite1hTokens ?? 0, set.cacheWrite1h],
          [usage.inputAudioTokens ?? 0, set.inputAudio],
          [usage.outputTokens, set.output],
          [usage.reasoningTokens ?? 0, set.reasoning],
          [usage.outputAudioTokens ?? 0, set.outputAudio],
        ]);
        // Without a price of its own an hour's cache write follows rules that have their own tests.
        fc.pre(own.cacheWrite1h !== undefined || usage.cacheWrite1hTokens === undefined);
        expect(costOf(usage, priced(own))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("a call within its limits never costs more than the worst that was foretold", () => {
    fc.assert(
      fc.property(
        tieredRow,
        anyUsage,
        fc.nat(1000),
        fc.constantFrom(null, "flex"),
        (row, usage, slack, serviceTier) => {
          const worst = worstCost(totalInput(usage) + slack, totalOutput(usage) + slack, row);
          const asked = worstCost(totalInput(usage), totalOutput(usage), row, { terms: { serviceTier } });
          const cost = costOf(usage, row, { serviceTier });
          if (cost === null || worst === null || asked === null) throw new Error("a priced row has no cost");
          expect(cost).toBeLessThanOrEqual(worst);
          expect(cost).toBeLessThanOrEqual(asked);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("the cost grows with every counter", () => {
    fc.assert(
      fc.property(ownPrices, anyUsage, (own, usage) => {
        const row = priced(own);
        const more = { ...usage, inputTokens: usage.inputTokens + 1, outputTokens: usage.outputTokens + 1 };
        const [less, greater] = [costOf(usage, row), costOf(more, row)];
        if (less === null || greater === null) throw new Error("a priced row has no cost");
        expect(greater).toBeGreaterThanOrEqual(less);
      }),
    );
  });
});

describe("the worst cost", () => {
  test("counts what is possible only: no cache write where none was asked, no audio in a text call", () => {
    const opus = facts("anthropic/claude-opus-4-6");
    const plain = { terms: {}, audioInput: false, audioOutput: false };
    expect(worstCost(1000, 1000, opus, plain)).toBe(10_000_000n + 25_000_000n);
    expect(worstCost(1000, 1000, opus, { ...plain, hourCacheWrites: false })).toBe(6_250_000n + 25_000_000n);
    expect(worstCost(1000, 1000, opus, { ...plain, cacheWrites: false })).toBe(5_000_000n + 25_000_000n);
    expect(worstCost(1000, 1000, opus, { ...plain, cacheWrites: false, terms: { speed: "fast" } })).toBe(180_000_000n);
    expect(worstCost(1000, 1000, opus, { cacheWrites: false })).toBe(180_000_000n);
    const spoken = facts("openai/gpt-4o-audio-preview");
    expect(worstCost(1000, 1000, spoken)).toBe(120_000_000n);
    expect(worstCost(1000, 1000, spoken, { audioInput: false, audioOutput: false })).toBe(12_500_000n);
  });

  test("takes the tier that the input reaches", () => {
    const gemini = facts("google/gemini-2.5-pro");
    expect(worstCost(200_000, 0, gemini, { cacheWrites: false })).toBe(250_000_000n);
    expect(worstCost(200_001, 0, gemini, { cacheWrites: false })).toBe(500_002_500n);
  });
});

describe("USD", () => {
  test.each([
    [0n, "0"],
    [1n, "0.000000001"],
    [25_000_000n, "0.025"],
    [1_000_000_000n, "1"],
    [1_234_567_890_120n, "1234.56789012"],
    [-1_500_000_000n, "-1.5"],
    [123_456_789_012_345_678_901n, "123456789012.345678901"],
  ])("%d nanodollars are written %s", (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });

  test("are written so that they read back the same", () => {
    fc.assert(
      fc.property(fc.bigInt(), (nano) => {
        const text = formatUsd(nano);
        expect(text).toMatch(/^-?(0|[1-9][0-9]*)(\.[0-9]{0,8}[1-9])?$/);
        const [whole = "", fraction = ""] = text.replace("-", "").split(".");
        expect(BigInt(whole + fraction.padEnd(9, "0"))).toBe(nano < 0n ? -nano : nano);
      }),
    );
  });
});
