// What every store promises of the gateway's own running: snapshots and alerts.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { RaisedAlert } from "../../src/store/port-operations.ts";
import { noon } from "./samples.ts";

export function operationsContract(store: () => Store): void {
  describe("snapshots", () => {
    it("are kept by their names, the latest instead of the one before", async () => {
      const { snapshots } = store();
      expect(await snapshots.load("measures")).toBeNull();
      await snapshots.save("measures", { value: "{}", savedAtMs: noon });
      await snapshots.save("other", { value: "[]", savedAtMs: noon });
      await snapshots.save("measures", { value: '{"ü":1}', savedAtMs: noon + 1 });
      expect(await snapshots.load("measures")).toMatchObject({ value: '{"ü":1}', savedAtMs: noon + 1 });
    });
  });

  describe("alerts", () => {
    const all = async (query = {}): Promise<[string, number, boolean][]> =>
      (await store().alerts.list({ limit: 10, ...query })).data.map(({ id, count, resolvedAtMs }) => [
        id,
        count,
        resolvedAtMs === null,
      ]);

    it("are counted while they are open, by kind and subject, with the latest message", async () => {
      const { alerts } = store();
      await alerts.raise(raised("alert_1"));
      await alerts.raise(raised("alert_2", { count: 3, message: "still", lastAtMs: noon + 2 }));
      await alerts.raise(raised("alert_3", { subject: "other" }));
      await alerts.raise(raised("alert_4", { kind: "slow" }));
      expect(await all()).toEqual([
        ["alert_4", 1, true],
        ["alert_3", 1, true],
        ["alert_1", 4, true],
      ]);
      const [first] = (await alerts.list({ limit: 1, cursor: "alert_2" })).data;
      expect(first).toMatchObject({ message: "still", firstAtMs: noon, lastAtMs: noon + 2, resolvedAtMs: null });
    });

    it("open anew after they were resolved, and those that are over long since are forgotten", async () => {
      const { alerts } = store();
      await alerts.raise(raised("alert_1"));
      await alerts.resolve("refused", "one", noon + 5);
      await alerts.resolve("refused", "one", noon + 6);
      await alerts.raise(raised("alert_2", { lastAtMs: noon + 9 }));
      expect(await all()).toEqual([
        ["alert_2", 1, true],
        ["alert_1", 1, false],
      ]);
      expect(await all({ open: true })).toEqual([["alert_2", 1, true]]);
      expect(await all({ open: false, kind: "refused" })).toEqual([["alert_1", 1, false]]);
      expect(await all({ kind: "other" })).toEqual([]);
      const { data } = await alerts.list({ limit: 1, open: false });
      expect(data[0]?.resolvedAtMs).toBe(noon + 5);
      const days = 24 * 60 * 60 * 1000;
      await alerts.raise(
        raised("alert_3", { subject: "two", firstAtMs: noon + 91 * days, lastAtMs: noon + 91 * days }),
      );
      expect((await all()).map(([id]) => id)).toEqual(["alert_3", "alert_2"]);
    });

    it("keep the name of who acknowledged them first", async () => {
      const { alerts } = store();
      await alerts.raise(raised("alert_1"));
      await alerts.acknowledge("alert_1", "adm_1", noon + 1);
      const seen = await alerts.acknowledge("alert_1", "adm_2", noon + 2);
      expect(seen).toMatchObject({ acknowledgedBy: "adm_1", acknowledgedAtMs: noon + 1, resolvedAtMs: null });
      expect(await alerts.acknowledge("alert_9", "adm_1", noon)).toBeNull();
    });

    it("are listed in pages", async () => {
      const { alerts } = store();
      for (const at of [1, 2, 3]) await alerts.raise(raised(`alert_${at}`, { subject: `${at}` }));
      const first = await alerts.list({ limit: 2 });
      expect(first.data.map(({ id }) => id)).toEqual(["alert_3", "alert_2"]);
      const second = await alerts.list({ limit: 2, cursor: first.nextCursor ?? "" });
      expect([second.data.map(({ id }) => id), second.nextCursor]).toEqual([["alert_1"], null]);
    });
  });
}

function raised(id: string, over: Partial<RaisedAlert> = {}): RaisedAlert {
  return {
    id,
    kind: "refused",
    subject: "one",
    message: "no",
    count: 1,
    firstAtMs: noon,
    lastAtMs: noon,
    ...over,
  };
}
