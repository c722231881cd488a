import { describe, expect, test } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { chargeFor, mostChargeFor, percentOf } from "../../src/limits/charge.ts";
import { type Hold, Limiter, type Need } from "../../src/limits/limiter.ts";
import { type Budget, type Limit, noPolicy, type Policy, type Scope } from "../../src/limits/policy.ts";
import { seeded } from "../bench/router/world.ts";

const start = Date.UTC(2026, 10, 24, 12);
const day = 86_400_000;

interface World {
  readonly limiter: Limiter;
  readonly clock: { nowMs: number };
  readonly reached: string[];
}

function world(spent: Readonly<Record<string, bigint>> = {}): World {
  const clock = { nowMs: start };
  const reached: string[] = [];
  const limiter = new Limiter({
    now: () => clock.nowMs,
    spent: async (scope) => spent[scope] ?? 0n,
    onReached: (scope, _purse, percent) => reached.push(`${scope} ${percent}`),
  });
  return { limiter, clock, reached };
}

const scope = (id: string, policy: Partial<Policy>): Scope => ({ id, policy: { ...noPolicy, ...policy } });
const limit = (unit: Limit["unit"], amount: number, per: Limit["per"], models: Limit["models"] = null): Limit => ({
  unit,
  amount,
  per,
  models,
});
const budget = (nanos: bigint, more: Partial<Budget> = {}): Budget => ({
  nanos,
  per: "month",
  alertAt: [50, 80, 100],
  hard: true,
  ...more,
});
const need: Need = { tokens: 100, nanos: 10n, models: ["lab/model"] };

async function primed(of: World, ...scopes: Scope[]): Promise<Scope[]> {
  await of.limiter.prime(scopes);
  return scopes;
}

function refusal(what: () => unknown): GatewayError {
  try {
    what();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("it was let through");
}

describe("limits", () => {
  test("of requests refuse the one too many, and say when to try again", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { limits: [limit("requests", 3, "minute")] }));
    for (let call = 0; call < 3; call++) of.limiter.take(scopes, need);
    const { code, status, retryAfterMs } = refusal(() => of.limiter.take(scopes, need));
    expect([code, status, retryAfterMs]).toEqual(["rate_limit_exceeded", 429, 60_000]);
    of.clock.nowMs += 60_000;
    expect(() => of.limiter.take(scopes, need)).not.toThrow();
  });

  test("of tokens take the estimate, and then what it really was", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { limits: [limit("tokens", 1_000, "minute")] }));
    const hold = of.limiter.take(scopes, { ...need, tokens: 900 });
    refusal(() => of.limiter.take(scopes, { ...need, tokens: 200 }));
    hold.settle({ tokens: 50, nanos: 1n });
    of.limiter.take(scopes, { ...need, tokens: 900 });
    expect(of.limiter.standings(scopes)).toMatchObject([{ remaining: 50 }]);
  });

  test("that one call alone would break are told as the call's own fault", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { limits: [limit("tokens", 1_000, "minute")] }));
    expect(refusal(() => of.limiter.take(scopes, { ...need, tokens: 1_001 })).status).toBe(400);
  });

  test("of models count those models only", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { limits: [limit("requests", 1, "minute", ["lab/*"])] }));
    of.limiter.take(scopes, need);
    refusal(() => of.limiter.take(scopes, need));
    expect(() => of.limiter.take(scopes, { ...need, models: ["other/model"] })).not.toThrow();
  });

  test("of calls under way are free again when one ends, and only once for each", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { maxConcurrency: 2 }));
    const first = of.limiter.take(scopes, need);
    of.limiter.take(scopes, need);
    refusal(() => of.limiter.take(scopes, need));
    for (let times = 0; times < 3; times++) first.settle({ tokens: 1, nanos: 1n });
    of.limiter.take(scopes, need);
    refusal(() => of.limiter.take(scopes, need));
  });

  test("keep what was counted when a policy changes, and hold its new amount at once", async () => {
    const of = world();
    const before = await primed(of, scope("key:1", { limits: [limit("requests", 10, "minute")] }));
    for (let call = 0; call < 5; call++) of.limiter.take(before, need);
    const after = scope("key:1", { limits: [limit("requests", 6, "minute")] });
    expect(of.limiter.primed([after])).toBe(false);
    await of.limiter.prime([after]);
    of.limiter.take([after], need);
    refusal(() => of.limiter.take([after], need));
  });

  test("of any scope refuse the call in all, and then nothing is taken in any", async () => {
    const of = world();
    const scopes = await primed(
      of,
      scope("key:1", { limits: [limit("requests", 100, "minute")], budgets: [budget(1_000n)] }),
      scope("customer:acme", { limits: [limit("requests", 2, "minute")] }),
    );
    for (let call = 0; call < 2; call++) of.limiter.take(scopes, need);
    for (let call = 0; call < 50; call++) refusal(() => of.limiter.take(scopes, need));
    expect(of.limiter.standings(scopes.slice(0, 1))).toMatchObject([{ remaining: 98 }]);
    expect(of.limiter.purses(scopes)[0]?.purse.left(start)).toBe(980n);
  });
});

describe("budgets", () => {
  test("are never overrun by calls that run together", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { budgets: [budget(137n)] }));
    const holds: Hold[] = [];
    let refused = 0;
    for (let call = 0; call < 1_000; call++) {
      try {
        holds.push(of.limiter.take(scopes, { ...need, nanos: 1n }));
      } catch {
        refused += 1;
      }
    }
    expect([holds.length, refused]).toEqual([137, 863]);
    for (const hold of holds) hold.settle({ tokens: 1, nanos: 1n });
    expect(of.limiter.purses(scopes)[0]?.purse.spent(start)).toBe(137n);
  });

  test("go on from what the ledger says was spent", async () => {
    const of = world({ "key:1": 95n });
    const scopes = await primed(of, scope("key:1", { budgets: [budget(100n)] }));
    of.limiter.take(scopes, { ...need, nanos: 5n });
    const { code, status, message } = refusal(() => of.limiter.take(scopes, { ...need, nanos: 1n }));
    expect([code, status]).toEqual(["budget_exceeded", 429]);
    expect(message).toMatch(/\$0.0000001 a month has \$0 left/);
  });

  test("begin anew with their period, and a call counts for the one it began in", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { budgets: [budget(100n, { per: "day" })] }));
    const late = of.limiter.take(scopes, { ...need, nanos: 100n });
    expect(refusal(() => of.limiter.take(scopes, need)).retryAfterMs).toBe(12 * 3_600_000);
    of.clock.nowMs += day;
    const next = of.limiter.take(scopes, { ...need, nanos: 100n });
    late.settle({ tokens: 1, nanos: 100n });
    expect(of.limiter.purses(scopes)[0]?.purse.spent(of.clock.nowMs)).toBe(0n);
    next.settle({ tokens: 1, nanos: 40n });
    expect(of.limiter.purses(scopes)[0]?.purse.left(of.clock.nowMs)).toBe(60n);
  });

  test("are not kept by guessing: a call without a known price is refused, and one that turns out so costs its most", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { budgets: [budget(100n)] }));
    expect(refusal(() => of.limiter.take(scopes, { ...need, nanos: null })).message).toMatch(/price is not known/);
    of.limiter.take(scopes, { ...need, nanos: 60n }).settle({ tokens: 1, nanos: null });
    expect(of.limiter.purses(scopes)[0]?.purse.spent(start)).toBe(60n);
  });

  test("that are soft refuse nothing, and tell when their marks are passed, each once", async () => {
    const of = world();
    const scopes = await primed(of, scope("key:1", { budgets: [budget(100n, { hard: false })] }));
    for (let call = 0; call < 15; call++) of.limiter.take(scopes, need).settle({ tokens: 1, nanos: 10n });
    expect(of.reached).toEqual(["key:1 50", "key:1 80", "key:1 100"]);
  });

  test("of customers that are charged more or less than the cost are never overrun, to the nanodollar", async () => {
    for (const [seed, percent] of [
      [1, "120"],
      [2, "33.3"],
      [3, "100.0001"],
      [4, "0.5"],
    ] as const) {
      const random = seeded(seed);
      const of = world();
      const [whole, charged] = [40_000n, percentOf(percent)];
      const scopes = await primed(of, { ...scope("credits:acme", { budgets: [budget(whole)] }), percent: charged });
      const running: { hold: Hold; nanos: bigint }[] = [];
      let spent = 0n;
      for (let step = 0; step < 3_000; step++) {
        if (running.length > 0 && random() < 0.5) {
          const [one] = running.splice(Math.floor(random() * running.length), 1);
          const cost = BigInt(Math.floor(random() * (Number(one?.nanos ?? 0n) + 1)));
          one?.hold.settle({ tokens: 1, nanos: cost });
          spent += chargeFor(cost, charged);
        } else {
          const nanos = BigInt(Math.floor(random() * 900));
          try {
            running.push({ hold: of.limiter.take(scopes, { ...need, nanos }), nanos });
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        }
        const reserved = running.reduce((sum, { nanos }) => sum + mostChargeFor(nanos, charged), 0n);
        expect(spent + reserved).toBeLessThanOrEqual(whole);
        const [left] = of.limiter.purses(scopes).map(({ purse }) => purse.left(start));
        expect(left).toBe(whole - spent - reserved);
      }
      for (const { hold } of running) hold.settle({ tokens: 1, nanos: 0n });
      expect(of.limiter.purses(scopes).map(({ purse }) => purse.left(start))).toEqual([whole - spent]);
    }
  });

  test("hold whatever calls begin, end and cost, in any order", async () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const of = world();
      const whole = 50_000n;
      const scopes = await primed(
        of,
        scope("key:1", { budgets: [budget(whole)] }),
        scope("customer:acme", { budgets: [budget(whole / 2n, { per: "total" })] }),
      );
      const running: { hold: Hold; nanos: bigint }[] = [];
      let spent = 0n;
      for (let step = 0; step < 5_000; step++) {
        if (running.length > 0 && random() < 0.5) {
          const [one] = running.splice(Math.floor(random() * running.length), 1);
          const cost = BigInt(Math.floor(random() * (Number(one?.nanos ?? 0n) + 1)));
          one?.hold.settle({ tokens: 1, nanos: cost });
          spent += cost;
        } else {
          const nanos = BigInt(Math.floor(random() * 900));
          try {
            running.push({ hold: of.limiter.take(scopes, { ...need, nanos }), nanos });
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        }
        const reserved = running.reduce((sum, { nanos }) => sum + nanos, 0n);
        expect(spent + reserved).toBeLessThanOrEqual(whole / 2n);
        const [key, customer] = of.limiter.purses(scopes).map(({ purse }) => purse.left(start));
        expect(key).toBe(whole - spent - reserved);
        expect(customer).toBe(whole / 2n - spent - reserved);
      }
    }
  });
});
