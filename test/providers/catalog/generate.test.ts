// The catalogue's data: stored compactly, read back whole, with every price exact.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CompactCatalog, compact, readCatalog, rowReader } from "../../../providers/catalog/row.ts";
import { catalogRows } from "../../../providers/catalog/rows.ts";
import { catalogText, decimal, factsOf, readSource, type SourceRow } from "../../../providers/catalog/source.ts";

const source = readSource(readFileSync(new URL("../../fixtures/catalog/source.jsonl", import.meta.url), "utf8"));

const text = (rows: readonly SourceRow[]) => catalogText(rows.map(factsOf), "2026-08-06");

describe("generating the catalogue", () => {
  test("gives the same bytes whatever the order of its source", () => {
    expect(text([...source].reverse())).toBe(text(source));
  });

  test("keeps one row to a line, so that a change of one model is a change of one line", () => {
    const [first] = source;
    if (!first) throw new Error("the fixture is empty");
    const before = text(source).split("\n");
    const after = text(source.map((row) => (row === first ? { ...row, name: "Renamed" } : row))).split("\n");
    expect(after.filter((line, at) => line !== before[at])).toHaveLength(1);
  });

  test("the facts of every source row survive storing and reading", () => {
    const facts = readCatalog(JSON.parse(text(source)) as CompactCatalog);
    expect(facts).toHaveLength(source.length);
    for (const row of source) expect(facts.find(({ id }) => id === row.id)).toEqual(factsOf(row));
  });

  test("the stored catalogue holds what its source says", () => {
    const stored = new Map(catalogRows().map((row) => [row.id, row]));
    for (const row of source) expect(stored.get(row.id)).toEqual(factsOf(row));
  });

  test("a source row whose id contradicts its provider is refused", () => {
    const [first] = source;
    if (!first) throw new Error("the fixture is empty");
    expect(() => factsOf({ ...first, provider: "other" })).toThrow(/provider\/provider_model_id/);
  });
});

describe("a price", () => {
  test.each([
    [3, "3"],
    [0, "0"],
    [0.25, "0.25"],
    [75.00003, "75.00003"],
    [2.867051, "2.867051"],
    [5e-7, "0.0000005"],
    [1.111e-5, "0.00001111"],
    [0.0002777777778, "0.0002777777778"],
  ])("%d is written as the exact decimal %s", (price, text) => {
    expect(decimal(price)).toBe(text);
  });

  test("the noise of floating point is cut from it", () => {
    expect(decimal(0.09999999999999999)).toBe("0.1");
    expect(decimal(0.049999999999999996)).toBe("0.05");
    expect(decimal(0.1 + 0.2)).toBe("0.3");
  });

  test("what is no price is refused", () => {
    expect(() => decimal(-1)).toThrow();
    expect(() => decimal(Number.NaN)).toThrow();
  });
});

describe("the stored catalogue", () => {
  const rows = catalogRows();

  test("has every row in the form that it would be stored in again", () => {
    const read = rowReader();
    for (const row of rows) expect(read(row.provider, compact(row))).toEqual(row);
  });

  test("has only exact decimals for prices", () => {
    const exact = /^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/;
    const prices = rows.flatMap((row) => [
      ...Object.values(row.unitPrices ?? {}),
      ...[row.prices, ...(row.prices?.tiers ?? []), ...Object.values(row.prices?.modes ?? {})].flatMap((set) =>
        Object.values(set ?? {}).filter((value) => typeof value === "string"),
      ),
    ]);
    expect(prices.length).toBeGreaterThan(5000);
    expect(prices.filter((price) => !exact.test(price))).toEqual([]);
  });

  test("says of a free row that it is free, and of no priced row", () => {
    for (const row of rows) {
      const { input, output } = row.prices ?? {};
      if (row.zeroPrice) expect([row.id, input, output]).toEqual([row.id, "0", "0"]);
    }
  });
});
