// The part of the store's contract by which misuse and want are seen: refused calls, networks of keys, movements of credits.
import { describe, expect, it } from "vitest";
import type { RefusalRow } from "../../src/observe/refusals.ts";
import type { Store } from "../../src/store/port.ts";
import { noon } from "./samples.ts";

const hour = 3_600_000;
const day = 24 * hour;

function row(over: Partial<RefusalRow> = {}): RefusalRow {
  return {
    keyId: "key_1",
    customer: "acme",
    project: "shop",
    hourMs: noon,
    code: "budget_exceeded",
    count: 1,
    ...over,
  };
}

export function misuseContract(storeOf: () => Store): void {
  describe("refused calls", () => {
    it("are added up by key, hour and code, and grouped as it is asked", async () => {
      const { refusals } = storeOf();
      await refusals.add([row({ count: 3 }), row({ code: "model_not_allowed" }), row({ hourMs: noon + hour })]);
      await refusals.add([row({ count: 4 }), row({ keyId: "", customer: "", project: "", code: "invalid_api_key" })]);
      await refusals.add([]);
      const all = { fromMs: 0, toMs: noon + day };
      expect(await refusals.list({ groupBy: [], ...all })).toEqual([{ group: {}, refused: 10 }]);
      expect(await refusals.list({ groupBy: ["key", "code"], ...all })).toEqual([
        { group: { key: "key_1", code: "budget_exceeded" }, refused: 8 },
        { group: { key: "", code: "invalid_api_key" }, refused: 1 },
        { group: { key: "key_1", code: "model_not_allowed" }, refused: 1 },
      ]);
      const hours = await refusals.list({ groupBy: ["hour"], ...all, keyId: "key_1", code: "budget_exceeded" });
      expect(hours).toEqual([
        { group: { hour: `${new Date(noon).toISOString().slice(0, 13)}:00:00Z` }, refused: 7 },
        { group: { hour: `${new Date(noon + hour).toISOString().slice(0, 13)}:00:00Z` }, refused: 1 },
      ]);
      expect(await refusals.list({ groupBy: [], fromMs: noon + 1, toMs: noon + day })).toEqual([
        { group: {}, refused: 1 },
      ]);
      expect(await refusals.list({ groupBy: [], ...all, customer: "other" })).toEqual([]);
      await refusals.sweep(noon + hour);
      expect(await refusals.list({ groupBy: ["day"], ...all })).toEqual([
        { group: { day: new Date(noon).toISOString().slice(0, 10) }, refused: 1 },
      ]);
    });
  });

  describe("networks of keys", () => {
    it("are new once, and counted beside those that were known before", async () => {
      const { networks } = storeOf();
      await networks.note([
        { keyId: "key_1", network: "a", atMs: noon - day },
        { keyId: "key_1", network: "b", atMs: noon - day },
      ]);
      await networks.note([
        { keyId: "key_1", network: "a", atMs: noon + 1 },
        { keyId: "key_1", network: "c", atMs: noon + 2 },
        { keyId: "key_1", network: "c", atMs: noon + 1 },
        { keyId: "key_2", network: "c", atMs: noon - 1 },
      ]);
      expect(await networks.fresh(noon, 1)).toEqual([{ keyId: "key_1", fresh: 1, known: 2 }]);
      expect(await networks.fresh(noon, 2)).toEqual([]);
      await networks.sweep(noon);
      expect(await networks.fresh(0, 1)).toEqual([{ keyId: "key_1", fresh: 2, known: 0 }]);
    });
  });

  describe("movements of credits", () => {
    it("are read on from where the last reading ended", async () => {
      const { ledger, movements } = storeOf();
      expect(await movements.since(0)).toEqual({ row: 0, more: false, moved: [], topUps: [] });
      const entry = {
        atMs: noon,
        customer: "acme",
        kind: "top_up",
        amountNanos: 9_007_199_254_740_993n,
        counterAccount: "cash",
        reason: null,
        actor: null,
        expiresAtMs: null,
      } as const;
      await ledger.add({ ...entry, id: "one" });
      await ledger.add({ ...entry, id: "two", kind: "adjustment", amountNanos: -3n, counterAccount: "adjustments" });
      const first = await movements.since(0);
      expect(first).toMatchObject({
        more: false,
        moved: [{ customer: "acme", nanos: 9_007_199_254_740_990n }],
        topUps: [{ customer: "acme", nanos: 9_007_199_254_740_993n }],
      });
      await ledger.add({ ...entry, id: "three", customer: "other", amountNanos: 5n });
      const second = await movements.since(first.row);
      expect([second.moved, second.topUps]).toEqual([
        [{ customer: "other", nanos: 5n }],
        [{ customer: "other", nanos: 5n }],
      ]);
    });
  });
}
