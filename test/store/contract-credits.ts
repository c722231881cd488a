// What every store promises about credits: entries that are only added, balances that are their sums, each call charged once.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expiryId } from "../../src/store/ledger.ts";
import type { Store } from "../../src/store/port.ts";
import type { LedgerEntry } from "../../src/store/port-ledger.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "./samples.ts";

export function sampleEntry(over: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id: "led_1",
    atMs: noon,
    customer: "acme",
    kind: "top_up",
    amountNanos: 5_000_000_000n,
    counterAccount: "cash",
    reason: "invoice 7",
    actor: "adm_1",
    expiresAtMs: null,
    ...over,
  };
}

export function creditsContract(store: () => Store): void {
  const entries = async () => (await store().ledger.list({ limit: 1_000 })).data;

  describe("credits", () => {
    it("are there once topped up, once for each id, and make their customer one that pays in advance", async () => {
      await store().keys.create(sampleKey());
      expect((await store().keys.findByDigest("digest-of-key_1"))?.customer).toBeNull();
      const before = await store().keys.epoch();
      expect(await store().ledger.add(sampleEntry())).toBe(true);
      expect(await store().ledger.add(sampleEntry({ amountNanos: 1n }))).toBe(false);
      expect(await entries()).toEqual([sampleEntry()]);
      expect(await store().ledger.balance("acme")).toEqual({
        customer: "acme",
        grantedNanos: 5_000_000_000n,
        chargedNanos: 0n,
      });
      expect(await store().customers.get("acme")).toMatchObject({ name: "acme", prepaid: true, pricePercent: "100" });
      expect((await store().keys.findByDigest("digest-of-key_1"))?.customer).toMatchObject({
        status: "active",
        creditNanos: 5_000_000_000n,
      });
      expect(await store().keys.changedSince(before)).toEqual(["key_1"]);
    });

    it("are charged with the settlement of a call, once, at what it was charged and not at what it cost", async () => {
      await store().ledger.add(sampleEntry());
      const settlement = sampleSettlement({ chargedNanos: 15_000n, prepaid: true });
      await store().calls.append({ opened: [sampleCall()], settled: [settlement, settlement] });
      await store().calls.append({ opened: [], settled: [{ ...settlement, chargedNanos: 99n }] });
      expect((await entries())[0]).toEqual({
        ...sampleEntry({ id: "req_1", kind: "charge", amountNanos: -15_000n, counterAccount: "revenue" }),
        atMs: settlement.settledAtMs,
        reason: null,
        actor: null,
      });
      expect(await store().ledger.balance("acme")).toMatchObject({ chargedNanos: 15_000n });
      const [usage] = await store().calls.usage({ groupBy: [], fromMs: 0, toMs: noon + 1 });
      expect(usage).toMatchObject({ costNanos: 12_500n, chargedNanos: 15_000n });
    });

    it("are not touched by calls that are paid for otherwise, cost nothing or have no known price", async () => {
      const ids = ["req_1", "req_2", "req_3"];
      await store().calls.append({
        opened: ids.map((id) => sampleCall({ id })),
        settled: [
          sampleSettlement({ chargedNanos: 15_000n, prepaid: false }),
          sampleSettlement({ id: "req_2", chargedNanos: 0n, prepaid: true }),
          sampleSettlement({ id: "req_3", costNanos: null, chargedNanos: null, prepaid: true }),
        ],
      });
      expect(await entries()).toEqual([]);
    });

    it("tell which top-ups have expired, until that is written", async () => {
      await store().ledger.add(sampleEntry({ expiresAtMs: noon + 10 }));
      await store().ledger.add(sampleEntry({ id: "led_2", amountNanos: 7n }));
      expect(await store().ledger.expired(noon + 9)).toEqual([]);
      const [topUp] = await store().ledger.expired(noon + 10);
      expect(topUp?.id).toBe("led_1");
      expect(await store().ledger.grantedBeside(sampleEntry(), noon + 10)).toBe(7n);
      await store().ledger.add(sampleEntry({ id: expiryId("led_1"), kind: "expiry", amountNanos: -3n }));
      expect(await store().ledger.expired(noon + 10)).toEqual([]);
    });

    it("tell how an account moved in some time, of each kind, and what it held before", async () => {
      const entries = [
        sampleEntry({ id: "a", atMs: noon - 2, amountNanos: 2n ** 60n }),
        sampleEntry({ id: "b", atMs: noon - 1, kind: "fee", amountNanos: -1n }),
        sampleEntry({ id: "c", atMs: noon, amountNanos: 10n }),
        sampleEntry({ id: "d", atMs: noon + 1, amountNanos: 5n }),
        sampleEntry({ id: "e", atMs: noon + 1, kind: "adjustment", amountNanos: 3n }),
        sampleEntry({ id: "f", atMs: noon + 1, kind: "adjustment", amountNanos: -3n }),
        sampleEntry({ id: "g", atMs: noon + 2, amountNanos: 7n }),
        sampleEntry({ id: "h", atMs: noon - 9, customer: "quiet", amountNanos: 4n }),
        sampleEntry({ id: "i", atMs: noon + 2, customer: "later" }),
      ];
      for (const entry of entries) await store().ledger.add(entry);
      const during = { fromMs: noon, toMs: noon + 2 };
      const acme = { customer: "acme", openingNanos: 2n ** 60n - 1n, movedNanos: { top_up: 15n, adjustment: 0n } };
      const quiet = { customer: "quiet", openingNanos: 4n, movedNanos: {} };
      expect(await store().ledger.statements(during)).toEqual([acme, quiet]);
      expect(await store().ledger.statements({ ...during, customer: "acme" })).toEqual([acme]);
      expect(await store().ledger.statements({ ...during, within: [{ customer: "quiet" }] })).toEqual([quiet]);
    });

    it("come in pages, latest first, by customer, kind and time", async () => {
      for (let at = 0; at < 5; at++) await store().ledger.add(sampleEntry({ id: `led_${at}`, atMs: noon + (at >> 1) }));
      await store().ledger.add(sampleEntry({ id: "other", customer: "b", kind: "adjustment", atMs: noon + 9 }));
      const ids: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page = await store().ledger.list({ customer: "acme", limit: 2, ...(cursor !== "" && { cursor }) });
        ids.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(ids).toEqual(["led_4", "led_3", "led_2", "led_1", "led_0"]);
      expect((await store().ledger.list({ kind: "adjustment", limit: 9 })).data.map(({ id }) => id)).toEqual(["other"]);
      expect((await store().ledger.list({ fromMs: noon + 1, toMs: noon + 2, limit: 9 })).data).toHaveLength(2);
    });

    it("always come to the sum of their entries, beyond what a double can hold", async () => {
      let run = 0;
      const amounts = fc.array(fc.bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(amounts, amounts, async (granted, charged) => {
          run += 1;
          const customer = `customer-${run}`;
          for (const [at, amountNanos] of granted.entries()) {
            await store().ledger.add(sampleEntry({ id: `g_${run}_${at}`, customer, amountNanos }));
          }
          const calls = charged.map((nanos, at) => ({ id: `c_${run}_${at}`, nanos: nanos < 0n ? -nanos : nanos }));
          await store().calls.append({
            opened: calls.map(({ id }) => sampleCall({ id, customer })),
            settled: calls.map(({ id, nanos }) => sampleSettlement({ id, chargedNanos: nanos, prepaid: true })),
          });
          const balance = await store().ledger.balance(customer);
          const { data } = await store().ledger.list({ customer, limit: 100 });
          const sum = data.reduce((total, { amountNanos }) => total + amountNanos, 0n);
          expect(balance.grantedNanos - balance.chargedNanos).toBe(sum);
          expect(balance.grantedNanos).toBe(granted.reduce((total, nanos) => total + nanos, 0n));
        }),
        { numRuns: 30 },
      );
    });
  });
}
