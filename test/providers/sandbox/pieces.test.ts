// How the sandbox cuts texts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { beforeStop, piecesOf, withinTokens } from "../../../providers/sandbox/pieces.ts";
import { tokens } from "./ask.ts";

const count = (text: string) => tokens.count(text);
const text = fc.oneof(fc.string({ unit: "binary" }), fc.lorem({ mode: "sentences" }), fc.json());

test("the pieces of any text are the text, none of them empty or long", () => {
  fc.assert(
    fc.property(text, (whole) => {
      const pieces = piecesOf(whole);
      expect(pieces.join("")).toBe(whole);
      for (const piece of pieces) {
        expect(piece).not.toBe("");
        expect([...piece].length).toBeLessThanOrEqual(17);
      }
    }),
  );
});

test("a text cut to a number of tokens begins like it, keeps to the number and is whole where that suffices", () => {
  fc.assert(
    fc.property(text, fc.nat(60), (whole, max) => {
      const cut = withinTokens(whole, max, count);
      expect(whole.startsWith(cut)).toBe(true);
      expect(count(cut)).toBeLessThanOrEqual(max);
      if (count(whole) <= max) expect(cut).toBe(whole);
    }),
  );
});

test("ordinary words are cut to the very number of tokens", () => {
  const words = "one two three four five six seven eight nine ten";
  for (let max = 0; max <= 10; max++) expect(count(withinTokens(words, max, count))).toBe(max);
});

test("a text ends before the first of its stop sequences", () => {
  expect(beforeStop("a b c b", ["c", "b"])).toBe("a ");
  expect(beforeStop("abc", ["d"])).toBeNull();
  expect(beforeStop("abc", [])).toBeNull();
});
