// What every store promises about calls: nothing lost, nothing counted twice, money exact.
import { describe, expect, it } from "vitest";
import type { OpenCall, Settlement, Store, UsageQuery } from "../../src/store/port.ts";
import { noon, sampleCall, sampleSettlement } from "./samples.ts";

const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export function ledgerContract(store: () => Store): void {
  const append = (opened: readonly OpenCall[], settled: readonly Settlement[] = []) =>
    store().calls.append({ opened, settled });
  const usage = (query: Partial<UsageQuery> = {}) => store().calls.usage({ groupBy: [], ...always, ...query });

  describe("calls", () => {
    it("are open from their admission to their settlement", async () => {
      const call = sampleCall({ stream: true, requestedModel: 'a "model" \\ ☃ \u0001' });
      await append([call]);
      expect(await store().calls.get("req_1")).toEqual({ ...call, settlement: null });
      expect(await store().calls.listOpen(noon + 1)).toEqual([call]);
      expect(await store().calls.listOpen(noon)).toEqual([]);
      await append([], [sampleSettlement()]);
      expect(await store().calls.get("req_1")).toEqual({ ...call, settlement: sampleSettlement() });
      expect(await store().calls.listOpen(noon + 1)).toEqual([]);
      expect(await store().calls.get("req_2")).toBeNull();
    });

    it("can be admitted and settled in one batch, beside others", async () => {
      await append([sampleCall()]);
      await append(
        [sampleCall({ id: "req_2" }), sampleCall({ id: "req_3" })],
        [sampleSettlement({ id: "req_1" }), sampleSettlement({ id: "req_3", outcome: "cut" })],
      );
      expect((await store().calls.get("req_1"))?.settlement?.outcome).toBe("completed");
      expect((await store().calls.get("req_2"))?.settlement).toBeNull();
      expect((await store().calls.get("req_3"))?.settlement?.outcome).toBe("cut");
    });

    it("keep their first settlement, whatever is written again", async () => {
      const first = sampleSettlement();
      const other = sampleSettlement({ outcome: "failed", costNanos: 1n });
      await append([sampleCall()], [first, other]);
      await append([sampleCall({ customer: "thief" })], [other]);
      await append([sampleCall()], [first]);
      expect(await store().calls.get("req_1")).toEqual({ ...sampleCall(), settlement: first });
      expect((await usage())[0]).toMatchObject({ requests: 1, costNanos: 12_500n });
    });

    it("are settled and summed up once by all that settle them at the same time, whose other calls are written", async () => {
      await append([sampleCall()]);
      const settlers = [1, 2, 3, 4].map((at) =>
        append(
          [sampleCall({ id: `req_own_${at}` })],
          [sampleSettlement({ costNanos: BigInt(at) }), sampleSettlement({ id: `req_own_${at}`, costNanos: 100n })],
        ),
      );
      await Promise.all(settlers);
      const cost = (await store().calls.get("req_1"))?.settlement?.costNanos ?? 0n;
      expect((await usage())[0]).toMatchObject({ requests: 5, costNanos: 400n + cost });
      expect(await store().calls.listOpen(noon + 1)).toEqual([]);
    });

    it("need their admission: a settlement alone writes nothing", async () => {
      await append([], [sampleSettlement()]);
      expect(await store().calls.get("req_1")).toBeNull();
      await append([]);
    });

    it("tell an absent counter from a reported 0", async () => {
      const whole = {
        inputTokens: 1,
        cachedInputTokens: 0,
        cacheWriteTokens: 3,
        cacheWrite1hTokens: 4,
        inputAudioTokens: 5,
        outputTokens: 0,
        reasoningTokens: 0,
        outputAudioTokens: 7,
        acceptedPredictionTokens: 8,
        rejectedPredictionTokens: 0,
        images: 0,
        audioSeconds: 1.25,
        characters: 9,
        queries: 10,
        webSearches: 0,
        estimated: true as const,
      };
      const sparse = { inputTokens: 0, outputTokens: 2 };
      await append(
        [sampleCall(), sampleCall({ id: "req_2" }), sampleCall({ id: "req_3" })],
        [
          sampleSettlement({ usage: whole }),
          sampleSettlement({ id: "req_2", usage: sparse }),
          sampleSettlement({
            id: "req_3",
            usage: null,
            costNanos: null,
            provider: null,
            model: null,
            canonicalModel: null,
            finishReason: null,
            httpStatus: null,
            errorCode: "no_deployment_available",
            attempts: [],
            ttftMs: null,
          }),
        ],
      );
      expect((await store().calls.get("req_1"))?.settlement?.usage).toStrictEqual(whole);
      expect((await store().calls.get("req_2"))?.settlement?.usage).toStrictEqual(sparse);
      expect((await store().calls.get("req_3"))?.settlement).toStrictEqual(
        sampleSettlement({
          id: "req_3",
          usage: null,
          costNanos: null,
          provider: null,
          model: null,
          canonicalModel: null,
          finishReason: null,
          httpStatus: null,
          errorCode: "no_deployment_available",
          attempts: [],
          ttftMs: null,
        }),
      );
    });

    it("are written five hundred at a time", async () => {
      const opened = Array.from({ length: 500 }, (_, index) => sampleCall({ id: `req_${index}` }));
      await append(
        opened,
        opened.map(({ id }) => sampleSettlement({ id })),
      );
      expect((await usage())[0]).toMatchObject({ requests: 500, costNanos: 6_250_000n, inputTokens: 5_000 });
    });
  });

  describe("usage", () => {
    it("sums money beyond what a double can hold, exactly", async () => {
      const odd = 2n ** 53n - 1n;
      const opened = Array.from({ length: 5 }, (_, index) => sampleCall({ id: `req_${index}` }));
      await append(
        opened,
        opened.map(({ id }) => sampleSettlement({ id, costNanos: odd })),
      );
      expect((await usage())[0]?.costNanos).toBe(odd * 5n);
      expect((await store().calls.get("req_0"))?.settlement?.costNanos).toBe(odd);
    });

    it("adds the disjoint counters up to OpenAI's totals", async () => {
      await append(
        [sampleCall(), sampleCall({ id: "req_2" })],
        [
          sampleSettlement({
            usage: {
              inputTokens: 100,
              cachedInputTokens: 20,
              cacheWriteTokens: 3,
              cacheWrite1hTokens: 4,
              inputAudioTokens: 5,
              outputTokens: 50,
              reasoningTokens: 60,
              outputAudioTokens: 7,
            },
          }),
          sampleSettlement({ id: "req_2", usage: { inputTokens: 1, outputTokens: 1, estimated: true } }),
        ],
      );
      expect(await usage()).toEqual([
        {
          group: {},
          requests: 2,
          failedRequests: 0,
          inputTokens: 133,
          cachedInputTokens: 20,
          cacheWriteTokens: 7,
          outputTokens: 118,
          reasoningTokens: 60,
          images: 0,
          audioSeconds: 0,
          characters: 0,
          queries: 0,
          webSearches: 0,
          costNanos: 25_000n,
          chargedNanos: 25_000n,
          prepaidNanos: 0n,
          unpricedRequests: 0,
          estimatedRequests: 1,
        },
      ]);
    });

    it("sums what is counted beside tokens, sound to the millisecond, by every group", async () => {
      const units = [
        { images: 2, audioSeconds: 0.1, characters: 3, queries: 1, webSearches: 5 },
        { images: 1, audioSeconds: 0.2, characters: 4 },
        { queries: 2, webSearches: 1 },
      ];
      const ids = units.map((_, index) => `req_${index}`);
      await append(
        ids.map((id) => sampleCall({ id })),
        units.map((unit, index) =>
          sampleSettlement({ id: `req_${index}`, usage: { inputTokens: 0, outputTokens: 0, ...unit } }),
        ),
      );
      const sums = { images: 3, audioSeconds: 0.3, characters: 7, queries: 3, webSearches: 6 };
      expect((await usage())[0]).toMatchObject(sums);
      for (const name of ["key", "customer", "project", "model", "provider", "day"] as const) {
        expect(await usage({ groupBy: [name] })).toMatchObject([sums]);
      }
    });

    it("counts an unknown price apart, and a call that nobody served as no cost at all", async () => {
      const nobody = { provider: null, model: null, canonicalModel: null, usage: null, costNanos: null } as const;
      await append(
        [sampleCall(), sampleCall({ id: "req_2" }), sampleCall({ id: "req_3" })],
        [
          sampleSettlement({ costNanos: null }),
          sampleSettlement({ id: "req_2", costNanos: 0n }),
          sampleSettlement({ id: "req_3", outcome: "failed", ...nobody }),
        ],
      );
      expect((await usage())[0]).toMatchObject({ requests: 3, costNanos: 0n, unpricedRequests: 1 });
      expect(await usage({ groupBy: ["provider", "model"] })).toMatchObject([
        { group: { provider: "", model: "" }, requests: 1, unpricedRequests: 0 },
        { group: { provider: "openai", model: "openai/gpt-5-mini" }, requests: 2 },
      ]);
    });

    it("groups by every combination, ordered, over settled calls only", async () => {
      const day = 24 * 60 * 60 * 1000;
      const opened = [
        sampleCall({ id: "req_1", keyId: "key_b", customer: "acme", project: "shop" }),
        sampleCall({ id: "req_2", keyId: "key_a", customer: "acme", project: "lab", openedAtMs: noon + day / 2 - 1 }),
        sampleCall({ id: "req_3", keyId: "key_c", customer: "zeta", project: "lab", openedAtMs: noon + day / 2 }),
        sampleCall({ id: "req_4", keyId: "key_c", customer: "zeta", project: "lab" }),
      ];
      await append(opened, [
        sampleSettlement({ id: "req_1" }),
        sampleSettlement({ id: "req_2", canonicalModel: null, model: "odd-model", provider: "groq" }),
        sampleSettlement({ id: "req_3" }),
      ]);
      const groupsOf = async (...groupBy: UsageQuery["groupBy"]) =>
        (await usage({ groupBy })).map(({ group }) => group);
      expect(await groupsOf("customer")).toEqual([{ customer: "acme" }, { customer: "zeta" }]);
      expect(await groupsOf("day")).toEqual([{ day: "2026-11-24" }, { day: "2026-11-25" }]);
      expect(await groupsOf("key", "provider")).toEqual([
        { key: "key_a", provider: "groq" },
        { key: "key_b", provider: "openai" },
        { key: "key_c", provider: "openai" },
      ]);
      expect(await groupsOf("model")).toEqual([{ model: "odd-model" }, { model: "openai/gpt-5-mini" }]);
      const all = await usage({ groupBy: ["key", "customer", "project", "model", "provider", "day"] });
      expect(all).toHaveLength(3);
      expect(all.reduce((sum, row) => sum + row.requests, 0)).toBe(3);
    });

    it("takes calls from a time on and before another, and of one customer, project or key", async () => {
      const opened = [0, 1, 2].map((index) =>
        sampleCall({
          id: `req_${index}`,
          keyId: `key_${index}`,
          project: `p${index}`,
          customer: `c${index}`,
          openedAtMs: noon + index,
        }),
      );
      await append(
        opened,
        opened.map(({ id }) => sampleSettlement({ id })),
      );
      const requests = async (query: Partial<UsageQuery>) => (await usage(query))[0]?.requests;
      expect(await requests({ fromMs: noon, toMs: noon + 2 })).toBe(2);
      expect(await requests({ fromMs: noon + 1 })).toBe(2);
      expect(await requests({ customer: "c1" })).toBe(1);
      expect(await requests({ project: "p2", customer: "c1" })).toBe(0);
      expect(await requests({ keyId: "key_2" })).toBe(1);
      expect(await usage({ fromMs: noon + 9 })).toMatchObject([{ requests: 0, inputTokens: 0, costNanos: 0n }]);
      expect(await usage({ fromMs: noon + 9, groupBy: ["day"] })).toEqual([]);
    });
  });
}
