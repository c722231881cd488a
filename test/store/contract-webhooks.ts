// The part of the store's contract that is about webhooks and their deliveries.
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import type { WebhookRecord } from "../../src/store/port-webhooks.ts";
import { noon } from "./samples.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

function sample(id: string, over: Partial<WebhookRecord> = {}): WebhookRecord {
  return {
    id,
    url: "https://hooks.example/turnpike",
    description: "",
    events: ["*"],
    status: "active",
    disabledReason: null,
    sealedSecret: Buffer.from([1, 2, 255]),
    previousSealedSecret: null,
    previousUntilMs: null,
    createdAtMs: noon,
    updatedAtMs: noon,
    ...over,
  };
}

const event = (nth: number, type = "alert.budget_reached.opened") => ({
  id: `evt_${nth}`,
  type,
  body: `{"nth":${nth},"ü":"💡"}`,
  atMs: noon + nth,
});

export function webhooksContract(storeOf: () => Store): void {
  describe("webhooks", () => {
    const put = (nth: number, ...webhookIds: string[]) =>
      storeOf().webhooks.put(
        event(nth),
        webhookIds.map((webhookId) => ({ id: `whd_${nth}_${webhookId}`, webhookId })),
      );
    const claim = async (nowMs: number, limit = 20) =>
      (await storeOf().webhooks.claim(nowMs, nowMs + minute, limit)).map(({ id, tries }) => `${id} ${tries}`).sort();

    it("are kept with their sealed secrets, changed and removed", async () => {
      const { webhooks } = storeOf();
      const record = sample("whk_1", { previousSealedSecret: Buffer.from([9]), previousUntilMs: noon + 1 });
      await webhooks.create(record);
      expect(await webhooks.get("whk_1")).toEqual(record);
      const changed = await webhooks.update("whk_1", { events: ["a", "b"], sealedSecret: Buffer.from([7]) }, noon + 5);
      expect(changed).toEqual({ ...record, events: ["a", "b"], sealedSecret: Buffer.from([7]), updatedAtMs: noon + 5 });
      await webhooks.disable("whk_1", "gone", noon + 6);
      expect(await webhooks.list()).toMatchObject([{ status: "disabled", disabledReason: "gone" }]);
      expect([await webhooks.remove("whk_1"), await webhooks.remove("whk_1")]).toEqual([true, false]);
      expect([await webhooks.get("whk_1"), await webhooks.update("whk_1", {}, noon)]).toEqual([null, null]);
    });

    it("want the types of events that their patterns mean, while they are active", async () => {
      const { webhooks } = storeOf();
      await webhooks.create(sample("whk_all"));
      await webhooks.create(sample("whk_budgets", { events: ["alert.budget_*.opened", "webhook.test"] }));
      await webhooks.create(sample("whk_off", { status: "disabled" }));
      const wanting = async (type: string) => (await webhooks.wanting(type)).map(({ id }) => id).sort();
      expect(await wanting("alert.budget_reached.opened")).toEqual(["whk_all", "whk_budgets"]);
      expect(await wanting("alert.budget_reached.resolved")).toEqual(["whk_all"]);
    });

    it("get each event once: what is claimed is nobody else's until the claim is over", async () => {
      const { webhooks } = storeOf();
      await webhooks.create(sample("whk_1"));
      await webhooks.create(sample("whk_2"));
      expect(await put(1, "whk_1", "whk_2")).toEqual([]);
      expect(await claim(noon)).toEqual([]);
      expect(await claim(noon + 1)).toEqual(["whd_1_whk_1 1", "whd_1_whk_2 1"]);
      expect(await claim(noon + minute)).toEqual([]);
      const end = { nextAtMs: null, status: 204, reason: null, atMs: noon + 3 };
      await webhooks.settle("whd_1_whk_1", { state: "delivered", ...end });
      const [again, ...others] = await webhooks.claim(noon + 1 + minute, noon + 2 * minute, 20);
      expect(again).toMatchObject({ id: "whd_1_whk_2", tries: 2, event: { id: "evt_1", body: '{"nth":1,"ü":"💡"}' } });
      expect(again?.endpoint.sealedSecret).toEqual(Buffer.from([1, 2, 255]));
      expect(others).toEqual([]);
    });

    it("share their turns: one that has much waiting does not hold up another one, and a disabled one waits", async () => {
      const { webhooks } = storeOf();
      await webhooks.create(sample("whk_1"));
      await webhooks.create(sample("whk_2"));
      for (let nth = 1; nth <= 8; nth++) await put(nth, "whk_1");
      await put(9, "whk_2");
      const claimed = await claim(noon + 10);
      expect(claimed).toHaveLength(6);
      expect(claimed).toContain("whd_9_whk_2 1");
      await webhooks.disable("whk_1", "gone", noon);
      expect(await claim(noon + 10)).toEqual([]);
      await webhooks.update("whk_1", { status: "active", disabledReason: null }, noon);
      expect(await claim(noon + 10, 2)).toHaveLength(2);
    });

    it("have their deliveries listed in pages, by state, begun anew, and forgotten in the end", async () => {
      const { webhooks } = storeOf();
      await webhooks.create(sample("whk_1"));
      await webhooks.create(sample("whk_2"));
      for (const nth of [1, 2, 3]) await put(nth, "whk_1");
      await put(4, "whk_2");
      await claim(noon + 3);
      const failed = { nextAtMs: null, status: 500, reason: "the receiver answered 500", atMs: noon + 3 };
      await webhooks.settle("whd_2_whk_1", { state: "dead", ...failed });
      const first = await webhooks.deliveries({ webhookId: "whk_1", limit: 2 });
      expect(first.data.map(({ id }) => id)).toEqual(["whd_3_whk_1", "whd_2_whk_1"]);
      const second = await webhooks.deliveries({ webhookId: "whk_1", limit: 2, cursor: first.nextCursor ?? "" });
      expect([second.data.map(({ id }) => id), second.nextCursor]).toEqual([["whd_1_whk_1"], null]);
      const dead = await webhooks.deliveries({ webhookId: "whk_1", state: "dead", limit: 10 });
      expect(dead.data).toMatchObject([
        { id: "whd_2_whk_1", tries: 1, lastStatus: 500, lastReason: failed.reason, nextAtMs: null },
      ]);
      expect(await webhooks.resend("whk_2", "whd_2_whk_1", noon + 9)).toBeNull();
      const anew = await webhooks.resend("whk_1", "whd_2_whk_1", noon + 9);
      expect(anew).toMatchObject({ state: "pending", tries: 0, nextAtMs: noon + 9 });
      expect(await claim(noon + 9)).toEqual(["whd_2_whk_1 1", "whd_4_whk_2 1"]);
      await webhooks.settle("whd_2_whk_1", { state: "delivered", ...failed });
      await webhooks.sweep(noon + 8 * day);
      expect((await webhooks.deliveries({ webhookId: "whk_1", limit: 10 })).data).toHaveLength(2);
      await webhooks.sweep(noon + 31 * day);
      expect((await webhooks.deliveries({ webhookId: "whk_1", limit: 10 })).data).toEqual([]);
    });
  });
}
