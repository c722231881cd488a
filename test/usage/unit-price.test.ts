// The price of units that are not tokens: exact, rounded once, and unknown rather than nothing.
import { describe, expect, test } from "vitest";
import type { UnitPrices } from "../../providers/catalog/facts.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { costOf } from "../../src/usage/price.ts";
import { secondsOf } from "../../src/usage/sound.ts";

const none = { inputTokens: 0, outputTokens: 0 };

function cost(usage: Partial<Usage>, unitPrices: UnitPrices, tokens: Readonly<Record<string, string>> | null = null) {
  const prices = tokens === null ? null : { tiers: [], modes: {}, ...tokens };
  return costOf({ ...none, ...usage }, { prices, unitPrices });
}

describe("a row that is billed by another unit", () => {
  test.each<[Partial<Usage>, UnitPrices, bigint | null]>([
    [{ images: 3 }, { perImage: "0.04" }, 120_000_000n],
    [{ queries: 2 }, { perQuery: "0.002" }, 4_000_000n],
    [{ audioSeconds: 8.47 }, { perSecondIn: "0.0001", perSecondOut: "0.0001" }, 847_000n],
    [{ audioSeconds: 1 }, { perSecondIn: "0.000283333333333" }, 283_333n],
    [{ characters: 1001 }, { perCharacterIn: "0.000015" }, 15_015_000n],
    [{ images: 0 }, { perImage: "0.04" }, 0n],
    [{ inputTokens: 100 }, { perImage: "0.04" }, null],
    [{ characters: 5 }, { perSecondOut: "0.1" }, null],
  ])("%j at %j costs %s nanodollars", (usage, unitPrices, nanos) => {
    expect(cost(usage, unitPrices)).toBe(nanos);
    expect(cost(usage, unitPrices, { input: "0", output: "0" })).toBe(nanos);
  });
});

describe("a row that prices tokens too", () => {
  test("bills tokens alone where the output is counted in them", () => {
    expect(
      cost({ inputTokens: 1_000_000, outputTokens: 10, images: 1 }, { perImage: "1" }, { input: "5", output: "0" }),
    ).toBe(5_000_000_000n);
  });

  test("bills pictures beside the tokens of the prompt where it is not", () => {
    expect(cost({ inputTokens: 1_000_000, images: 2 }, { perImage: "0.05" }, { input: "5" })).toBe(5_100_000_000n);
  });

  test("does not know what sound costs whose length nobody says", () => {
    expect(cost({ characters: 10 }, { perSecondOut: "0.00025" }, { input: "2.5", output: "10" })).toBeNull();
  });
});

describe("the length of a file of sound", () => {
  test("is exact for WAV", () => {
    const file = new Uint8Array(44 + 32_000 * 3);
    const view = new DataView(file.buffer);
    for (const [at, word] of [
      [0, "RIFF"],
      [8, "WAVE"],
      [12, "fmt "],
    ] as const)
      file.set(new TextEncoder().encode(word), at);
    view.setUint32(28, 32_000, true);
    expect(secondsOf(file.subarray(0, 44), file.length)).toBe(3);
  });

  test("is a guess for anything else, whatever it is", () => {
    expect(secondsOf(new Uint8Array(64), 16_000)).toBe(1);
    expect(secondsOf(new Uint8Array(0), 0)).toBe(0);
    expect(secondsOf(new TextEncoder().encode("RIFF"), 4)).toBeLessThan(0.001);
  });
});
