// What every store promises about sums of usage: they are those of the calls, wherever they are read from, whatever a range begins with.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  CallOutcome,
  OpenCall,
  Settlement,
  Store,
  UsageGroup,
  UsageQuery,
  UsageRow,
} from "../../src/store/port.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "./samples.ts";

const [hour, day] = [3_600_000, 86_400_000];
/** Its last second, and two days more: hours, days and a month end within. */
const fromMs = Date.UTC(2026, 10, 29, 23, 59, 59);
const toMs = fromMs + 2 * day;
const afterwards = toMs + 30 * day;

interface Ended {
  readonly call: OpenCall;
  readonly settlement: Settlement | null;
}

const counter = fc.option(fc.nat(1_000), { nil: undefined });
const usage = fc
  .record(
    {
      ...{
        inputTokens: fc.nat(1_000),
        outputTokens: fc.nat(1_000),
        cachedInputTokens: counter,
        reasoningTokens: counter,
      },
      ...{
        cacheWriteTokens: counter,
        cacheWrite1hTokens: counter,
        inputAudioTokens: counter,
        outputAudioTokens: counter,
      },
      ...{ images: counter, characters: counter, queries: counter, webSearches: counter },
      audioSeconds: fc.option(fc.double({ min: 0, max: 1e4, noNaN: true }), { nil: undefined }),
      estimated: fc.option(fc.constant(true as const), { nil: undefined }),
    },
    { requiredKeys: ["inputTokens", "outputTokens"] },
  )
  .map((counters) => Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== undefined)));
const nanos = fc.option(fc.bigInt({ min: 0n, max: 2n ** 55n }));
const outcome = fc.constantFrom<CallOutcome>("completed", "client_gone", "failed", "cut", "interrupted");
/** Any time, and those around which hours and days end. */
const time = fc.oneof(
  fc.integer({ min: fromMs, max: toMs }),
  fc.tuple(fc.nat(48), fc.integer({ min: -1, max: 1 })).map(([hours, off]) => fromMs + 1000 + hours * hour + off),
);
const ended = fc.record({
  openedAtMs: time,
  keyId: fc.constantFrom("key_live", "key_test", "key_gone"),
  project: fc.constantFrom("shop", "lab"),
  operation: fc.constantFrom("chat", "embeddings"),
  model: fc.constantFrom("m1", "m2", null),
  canonicalModel: fc.constantFrom("lab/m", null),
  provider: fc.constantFrom("openai", "groq", null),
  ...{
    usage: fc.option(usage),
    outcome,
    costNanos: nanos,
    chargedNanos: nanos,
    prepaid: fc.boolean(),
    open: fc.nat(9),
  },
});
const group = fc.constantFrom<UsageGroup>(
  ...(["key", "customer", "project", "model", "provider", "endpoint", "hour", "day", "month"] as const),
  ...(["environment", "metadata.team"] as const),
);
const query = fc.record({
  groupBy: fc.uniqueArray(group, { maxLength: 4 }),
  range: fc.tuple(time, time).map((times) => times.sort((a, b) => a - b)),
  whole: fc.constantFrom(null, hour, day),
  filter: fc.constantFrom({}, { project: "lab" }, { keyId: "key_test" }),
});

export function usageContract(store: () => Store, numRuns: number): void {
  describe("sums of usage", () => {
    it("are those of the calls: from roll-ups, from the calls, rolled up later, and when whole days of calls are gone", async () => {
      let run = 0;
      const team = { metadata: { team: "pay" } };
      await store().keys.create(sampleKey({ id: "key_live", ...team }));
      await store().keys.create(sampleKey({ id: "key_test", environment: "test", metadata: {} }));
      await fc.assert(
        fc.asyncProperty(
          fc.array(ended, { maxLength: 12 }),
          fc.array(query, { minLength: 3, maxLength: 3 }),
          async (all, asked) => {
            run += 1;
            const customer = `c${run}`;
            const calls = all.map((one, at) => endedCall(one, { id: `req_${run}_${at}`, customer }));
            const settled = calls.flatMap(({ settlement }) => (settlement === null ? [] : [settlement]));
            await store().calls.append({ opened: calls.map(({ call }) => call), settled: settled.slice(0, 4) });
            await store().calls.append({ opened: [], settled: [...settled, ...settled] });
            const queries = asked.map(({ groupBy, range: [from = 0, to = 0], whole, filter }): UsageQuery => {
              const [fromMs, toMs] = whole === null ? [from, to] : [from - (from % whole), to - (to % whole)];
              return { groupBy, fromMs, toMs, customer, ...filter };
            });
            const expectSums = async (where: string, of = queries) => {
              for (const one of of) expect(byGroup(await store().calls.usage(one)), where).toEqual(sumsOf(calls, one));
            };
            await expectSums("from roll-ups");
            await store().meta.claim("usage_rolled_from", `${Number.MAX_SAFE_INTEGER}`);
            await expectSums("from the calls");
            expect(await store().rollups.removeCalls(afterwards, 1_000), "not before they are rolled up").toBe(0);
            while (await store().rollups.fill()) await expectSums("half rolled up");
            await expectSums("rolled up later");
            const open = calls.length - settled.length;
            expect(await store().rollups.removeCalls(afterwards, 1_000)).toBe(settled.length);
            const whole = queries.filter(({ fromMs, toMs }) => fromMs % hour === 0 && toMs % hour === 0);
            await expectSums("when the calls are gone", whole);
            expect(
              (await store().calls.listOpen(afterwards)).filter((call) => call.customer === customer),
            ).toHaveLength(open);
          },
        ),
        { numRuns },
      );
    });

    it("are by hour, month, endpoint, environment and what the keys' metadata say", async () => {
      await store().keys.create(sampleKey({ id: "key_1", environment: "dev", metadata: { "a.b": "x", team: "pay" } }));
      const opened = [sampleCall({ id: "a" }), sampleCall({ id: "b", keyId: "key_gone", operation: "embeddings" })];
      await store().calls.append({
        opened,
        settled: [
          sampleSettlement({ id: "a" }),
          sampleSettlement({ id: "b", outcome: "failed", prepaid: true, chargedNanos: 7n }),
        ],
      });
      const groupBy = ["hour", "month", "endpoint", "environment", "metadata.a.b"] as const;
      expect(await store().calls.usage({ groupBy, fromMs: 0, toMs: noon + 1 })).toMatchObject([
        {
          ...{
            group: {
              hour: "2026-11-24T12:00Z",
              month: "2026-11",
              endpoint: "chat",
              environment: "dev",
              "metadata.a.b": "x",
            },
          },
          ...{ requests: 1, failedRequests: 0, prepaidNanos: 0n },
        },
        {
          ...{
            group: {
              hour: "2026-11-24T12:00Z",
              month: "2026-11",
              endpoint: "embeddings",
              environment: "",
              "metadata.a.b": "",
            },
          },
          ...{ requests: 1, failedRequests: 1, prepaidNanos: 7n, chargedNanos: 7n },
        },
      ]);
    });

    it("lose their oldest calls a batch at a time, and never one that is open", async () => {
      const opened = [5, 3, 4, 1, 2].map((at) => sampleCall({ id: `req_${at}`, openedAtMs: noon - at * day }));
      await store().calls.append({ opened, settled: [1, 2, 3, 4].map((at) => sampleSettlement({ id: `req_${at}` })) });
      const before = noon - 1.5 * day;
      expect(await store().rollups.removeCalls(before, 2)).toBe(2);
      const there = async () => {
        const found = await Promise.all([1, 2, 3, 4, 5].map((at) => store().calls.get(`req_${at}`)));
        return found.map((call) => call !== null);
      };
      expect(await there()).toEqual([true, true, false, false, true]);
      expect(await store().rollups.removeCalls(before, 2)).toBe(1);
      expect(await store().rollups.removeCalls(before, 2)).toBe(0);
      expect(await there()).toEqual([true, false, false, false, true]);
      const [sum] = await store().calls.usage({ groupBy: [], fromMs: 0, toMs: noon });
      expect(sum?.requests).toBe(4);
    });
  });
}

type Arbitrary = typeof ended extends fc.Arbitrary<infer Value> ? Value : never;

function endedCall(one: Arbitrary, { id, customer }: { readonly id: string; readonly customer: string }): Ended {
  const { openedAtMs, keyId, project, operation, open, model, canonicalModel, provider } = one;
  const { outcome, costNanos, chargedNanos, prepaid, usage } = one;
  return {
    call: sampleCall({ id, customer, openedAtMs, keyId, project, operation }),
    settlement:
      open === 0
        ? null
        : sampleSettlement({
            ...{ id, model, canonicalModel, provider, outcome, costNanos, chargedNanos, prepaid },
            usage: usage as Settlement["usage"],
            settledAtMs: openedAtMs + 5,
          }),
  };
}

/** By hand: what the rows must be. */
function sumsOf(
  all: readonly Ended[],
  { groupBy, fromMs, toMs, project, keyId }: UsageQuery,
): ReadonlyMap<string, Sums> {
  const sums = new Map<string, Sums>(groupBy.length === 0 ? [["{}", nothing]] : []);
  for (const { call, settlement } of all) {
    if (settlement === null || call.openedAtMs < fromMs || call.openedAtMs >= toMs) continue;
    if ((project ?? call.project) !== call.project || (keyId ?? call.keyId) !== call.keyId) continue;
    const key = JSON.stringify(Object.fromEntries(groupBy.map((name) => [name, groupOf(call, settlement, name)])));
    const sum = sums.get(key) ?? nothing;
    const of = sumOf(settlement);
    const names = Object.keys(nothing) as (keyof Sums)[];
    const added = names.map((name) => [
      name,
      typeof sum[name] === "bigint" ? BigInt(sum[name]) + BigInt(of[name]) : Number(sum[name]) + Number(of[name]),
    ]);
    sums.set(key, Object.fromEntries(added) as Sums);
  }
  return sums;
}

function groupOf(
  { openedAtMs, ...call }: OpenCall,
  { model, canonicalModel, provider }: Settlement,
  name: UsageGroup,
): string {
  const at = new Date(openedAtMs).toISOString();
  const known: Partial<Record<UsageGroup, string>> = {
    ...{ key: call.keyId, customer: call.customer, project: call.project, endpoint: call.operation },
    ...{ model: canonicalModel ?? model ?? "", provider: provider ?? "" },
    ...{ hour: `${at.slice(0, 13)}:00Z`, day: at.slice(0, 10), month: at.slice(0, 7) },
    environment: { key_live: "live", key_test: "test" }[call.keyId] ?? "",
    "metadata.team": call.keyId === "key_live" ? "pay" : "",
  };
  return known[name] ?? "";
}

/** Sound in whole milliseconds. */
type Sums = Omit<UsageRow, "group" | "audioSeconds"> & { readonly audioMs: number };

const nothing: Sums = {
  ...{ requests: 0, failedRequests: 0, inputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  ...{ reasoningTokens: 0, images: 0, audioMs: 0, characters: 0, queries: 0, webSearches: 0 },
  ...{ costNanos: 0n, chargedNanos: 0n, prepaidNanos: 0n, unpricedRequests: 0, estimatedRequests: 0 },
};

function sumOf({ usage: reported, outcome, costNanos, chargedNanos = null, prepaid, provider }: Settlement): Sums {
  const usage = reported ?? { inputTokens: 0, outputTokens: 0 };
  const { cachedInputTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0, reasoningTokens = 0 } = usage;
  const written = cacheWriteTokens + cacheWrite1hTokens;
  return {
    requests: 1,
    failedRequests: ["failed", "cut", "interrupted"].includes(outcome) ? 1 : 0,
    inputTokens: usage.inputTokens + cachedInputTokens + written + (usage.inputAudioTokens ?? 0),
    cachedInputTokens,
    cacheWriteTokens: written,
    outputTokens: usage.outputTokens + reasoningTokens + (usage.outputAudioTokens ?? 0),
    reasoningTokens,
    images: usage.images ?? 0,
    audioMs: Math.round((usage.audioSeconds ?? 0) * 1000),
    characters: usage.characters ?? 0,
    queries: usage.queries ?? 0,
    webSearches: usage.webSearches ?? 0,
    costNanos: costNanos ?? 0n,
    chargedNanos: chargedNanos ?? costNanos ?? 0n,
    prepaidNanos: prepaid ? (chargedNanos ?? 0n) : 0n,
    unpricedRequests: costNanos === null && (provider !== null || reported !== null) ? 1 : 0,
    estimatedRequests: usage.estimated ? 1 : 0,
  };
}

function byGroup(rows: readonly UsageRow[]): ReadonlyMap<string, Sums> {
  return new Map(
    rows.map(({ group, audioSeconds, ...sums }) => [
      JSON.stringify(group),
      { ...sums, audioMs: Math.round(audioSeconds * 1000) },
    ]),
  );
}
