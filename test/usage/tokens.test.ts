// Token counts: those of tiktoken, at a bounded cost.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeTokenCounter } from "../../src/usage/tokens.node.ts";
import { createTokenCounter, type Encoding, encodingOf, exactUpTo } from "../../src/usage/tokens.ts";

const require = createRequire(import.meta.url);

function tiktoken(encoding: Encoding): { encode_ordinary(text: string): Uint32Array } {
  const { Tiktoken } = require("tiktoken/lite") as typeof import("tiktoken/lite");
  const table = require(`tiktoken/encoders/${encoding}.json`);
  return new Tiktoken(table.bpe_ranks, table.special_tokens, table.pat_str);
}

const counter = nodeTokenCounter();
const encoder = tiktoken("o200k_base");
const count = (text: string) => encoder.encode_ordinary(text).length;
const prose = readFileSync(new URL("../../LICENSE", import.meta.url), "utf8");
const code = readFileSync(new URL("../../src/usage/tokens.ts", import.meta.url), "utf8");

describe("the count of a text", () => {
  test.each([
    ["", 0],
    ["hello world", 2],
    ["tiktoken is great!", 6],
    ["お誕生日おめでとう", 8],
    ["2 + 2 = 4", 7],
  ])("%j is %d tokens", (text, tokens) => {
    expect(counter.count(text)).toBe(tokens);
  });

  test("is tiktoken's own for prose, code and any text of ordinary words", () => {
    for (const text of [prose, code]) expect(counter.count(text)).toBe(count(text));
    const word = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const text = words.join(" ");
        expect(counter.count(text)).toBe(count(text));
      }),
    );
  });

  test("takes special tokens for the text that they are", () => {
    expect(counter.count("<|endoftext|>")).toBe(count("<|endoftext|>"));
    expect(counter.count("<|endoftext|>")).toBeGreaterThan(1);
  });

  test("survives half a surrogate pair", () => {
    expect(counter.count("\ud83d")).toBeGreaterThan(0);
    expect(counter.count("\udca9".repeat(1000))).toBeGreaterThan(0);
  });

  test("is nearly tiktoken's own for text without words, which is cut", () => {
    for (const text of ["a".repeat(3000), "人工智能".repeat(700), " ".repeat(3000), "😀".repeat(500)]) {
      const [ours, own] = [counter.count(text), count(text)];
      const cuts = Math.ceil(text.length / 129);
      expect(ours).toBeGreaterThanOrEqual(own);
      expect(ours).toBeLessThanOrEqual(own + 3 * cuts);
    }
  });

  test("of a very long text is an estimate within some per cent", () => {
    const long = `${prose}\n${code}\n`.repeat(30);
    expect(long.length).toBeGreaterThan(10 * exactUpTo);
    const exact = 30 * count(`${prose}\n${code}\n`);
    expect(Math.abs(counter.count(long) - exact) / exact).toBeLessThan(0.08);
  });
});

describe("the encoder", () => {
  /** Counts what it is given, so that a test can see how much work it gets. */
  function recordingCounter() {
    const given: string[] = [];
    const loads: Encoding[] = [];
    const recorded = createTokenCounter((encoding) => {
      loads.push(encoding);
      return {
        encode_ordinary: (text) => {
          given.push(text);
          return text;
        },
      };
    });
    return { recorded, given, loads };
  }

  test("is loaded by the first text that is not empty, and once", () => {
    const { recorded, loads } = recordingCounter();
    recorded.count("");
    expect(loads).toEqual([]);
    recorded.count("a");
    recorded.count("b", "openai/gpt-5");
    expect(loads).toEqual(["o200k_base"]);
    recorded.count("c", "openai/gpt-4-turbo");
    expect(loads).toEqual(["o200k_base", "cl100k_base"]);
  });

  test("never gets a long run of one kind of character, nor more text than the limit", () => {
    const runs = fc.array(fc.tuple(fc.constantFrom("a", "人", " ", "!", "7", "é", "😀", "\n"), fc.nat(2000)));
    fc.assert(
      fc.property(runs, fc.nat(8), (pieces, doublings) => {
        const { recorded, given } = recordingCounter();
        const text = pieces
          .map(([unit, times]) => unit.repeat(times))
          .join("")
          .repeat(doublings + 1);
        recorded.count(text);
        expect(given.every((piece) => !/[a-z]{200}|!{200}|\p{Script=Han}{200}| {200}|7{200}/u.test(piece))).toBe(true);
        expect(given.join("").length).toBeLessThanOrEqual(exactUpTo);
        if (text.length <= exactUpTo) expect(given.join("")).toBe(text);
        if (text.length <= exactUpTo) expect(given.every((piece) => piece.isWellFormed())).toBe(true);
      }),
    );
  });
});

describe("the encoding of a model", () => {
  test.each([
    ["openai/gpt-5-mini", "o200k_base"],
    ["gpt-4o", "o200k_base"],
    ["gpt-4.1-mini", "o200k_base"],
    ["o3", "o200k_base"],
    ["anthropic/claude-opus-4-6", "o200k_base"],
    ["gpt-4", "cl100k_base"],
    ["openai/gpt-4-turbo-2024-04-09", "cl100k_base"],
    ["azure/gpt-35-turbo", "cl100k_base"],
    ["openai/text-embedding-3-small", "cl100k_base"],
    [undefined, "o200k_base"],
  ] as const)("%s is %s", (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });

  test("decides the count", () => {
    const text = "人工智能是计算机科学的一个分支";
    expect(counter.count(text, "gpt-4")).toBe(tiktoken("cl100k_base").encode_ordinary(text).length);
    expect(counter.count(text, "gpt-4")).not.toBe(counter.count(text, "gpt-5"));
  });
});
