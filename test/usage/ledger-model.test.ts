// The ledger against a model of it: whatever is moved, called, ended, expired and restarted in whatever order.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scopesOf } from "../../src/keys/scopes.ts";
import { type Hold, Limiter } from "../../src/limits/limiter.ts";
import type { Scope } from "../../src/limits/policy.ts";
import type { KeyEntry, Store } from "../../src/store/port.ts";
import type { LedgerEntry } from "../../src/store/port-ledger.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { expireCredits } from "../../src/usage/expiry.ts";
import { recover } from "../../src/usage/recovery.ts";
import { sampleEntry } from "../store/contract-credits.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "../store/samples.ts";
import { manualClock } from "../support/clock.ts";

const scope = "credits:acme";
let store: Store;
beforeEach(async () => {
  store = await openSqlite(":memory:");
});
afterEach(() => store.close());

/** A gateway's own: the limiter, and the calls that it has under way. */
interface World {
  readonly clock: ReturnType<typeof manualClock>;
  limiter: Limiter;
  readonly calls: Map<string, { readonly hold: Hold; readonly most: bigint }>;
  /** What calls are known to have cost; of those that a death cut, what recovery took them to. */
  charged: bigint;
  serial: number;
}

type Step = (world: World) => Promise<void>;

const amount = fc.bigInt({ min: 1n, max: 1_000n });
const step = fc.oneof(
  fc.tuple(amount, fc.option(fc.nat(50))).map(([nanos, lasts]) => topUp(nanos, lasts)),
  amount.map((nanos) => move("refund", nanos)),
  amount.map((nanos) => move("fee", nanos)),
  { arbitrary: amount.map(begin), weight: 4 },
  { arbitrary: fc.tuple(fc.nat(20), fc.nat(100)).map(([which, percent]) => end(which, percent)), weight: 4 },
  fc.nat(30).map(
    (ms): Step =>
      async ({ clock }) =>
        clock.advance(ms),
  ),
  fc.constant<Step>(expire),
  fc.constant<Step>(restart),
);

test("the balance is the sum of the entries, never below 0 by calls or by expiry, and what calls hold is never negative", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await store.close();
      store = await openSqlite(":memory:");
      await store.keys.create(sampleKey());
      const world: World = { clock: manualClock(noon), limiter: limiterOf(), calls: new Map(), charged: 0n, serial: 0 };
      for (const take of steps) {
        await take(world);
        await check(world);
      }
      for (const id of [...world.calls.keys()]) await settle(world, id, 0n);
      await expire(world);
      await check(world);
      expect(await store.ledger.expired(world.clock.now()), "with no call under way, all that is over is gone").toEqual(
        [],
      );
    }),
    { numRuns: 100 },
  );
});

test("what calls under way hold of a top-up is left to them until they end, and no other call can have it", async () => {
  await store.keys.create(sampleKey());
  const world: World = { clock: manualClock(noon), limiter: limiterOf(), calls: new Map(), charged: 0n, serial: 0 };
  await topUp(100n, 10)(world);
  await topUp(50n, null)(world);
  await begin(30n)(world);
  world.clock.advance(10);
  await expire(world);
  expect(await balance(), "70 are gone: 30 of the 100 are held").toBe(80n);
  await begin(51n)(world);
  expect(world.calls.size, "beside them, 50 are left").toBe(1);
  await settle(world, "call_3", 20n);
  expect(await balance()).toBe(60n);
  await expire(world);
  expect(await balance(), "the 10 that were not spent").toBe(50n);
  await begin(50n)(world);
  expect(world.calls.size).toBe(1);
  expect(await store.ledger.expired(world.clock.now())).toEqual([]);
});

test("credit that could not be withdrawn from the ledger is there for calls again", async () => {
  await store.keys.create(sampleKey());
  const world: World = { clock: manualClock(noon), limiter: limiterOf(), calls: new Map(), charged: 0n, serial: 0 };
  await topUp(100n, 10)(world);
  await begin(1n)(world);
  await settle(world, "call_2", 0n);
  world.clock.advance(10);
  const failing = { ...store.ledger, add: () => Promise.reject(new Error("the disk is full")) };
  const { limiter, clock } = world;
  const withdraw = (of: string, credit: Parameters<Limiter["withdraw"]>[1]) =>
    limiter.withdraw(`credits:${of}`, credit);
  await expect(expireCredits({ ledger: failing, clock, withdraw })).rejects.toThrow("the disk is full");
  await begin(100n)(world);
  expect(world.calls.size).toBe(1);
});

function limiterOf(): Limiter {
  const spent = async () => (await store.ledger.balance("acme")).chargedNanos;
  return new Limiter({ now: () => noon, spent, onReached: () => {} });
}

function move(kind: "top_up" | "fee" | "refund", nanos: bigint, expiresAtMs: number | null = null): Step {
  return async (world) => {
    // An operator may take more than there is; this test is about what happens by itself.
    if (kind === "fee" && nanos > (await free(world))) return;
    const account: Record<typeof kind, LedgerEntry["counterAccount"]> = {
      top_up: "cash",
      fee: "revenue",
      refund: "revenue",
    };
    world.serial += 1;
    const id = `led_${world.serial}`;
    const amountNanos = kind === "fee" ? -nanos : nanos;
    const atMs = world.clock.now();
    await store.ledger.add(sampleEntry({ id, kind, amountNanos, counterAccount: account[kind], atMs, expiresAtMs }));
  };
}

function topUp(nanos: bigint, lastsMs: number | null): Step {
  return async (world) => move("top_up", nanos, lastsMs === null ? null : world.clock.now() + lastsMs)(world);
}

/** As the gateway does with the key's entry as it is now: asks for room, and records the call. */
function begin(most: bigint): Step {
  return async (world) => {
    const scopes = await scopesNow();
    if (!scopes.some(({ id }) => id === scope)) return;
    await world.limiter.prime(scopes);
    world.serial += 1;
    const id = `call_${world.serial}`;
    try {
      const hold = world.limiter.take(scopes, { tokens: 0, nanos: most, models: [] });
      await store.calls.append({ opened: [sampleCall({ id, openedAtMs: world.clock.now() })], settled: [] });
      world.calls.set(id, { hold, most });
    } catch (error) {
      expect(error).toMatchObject({ code: "budget_exceeded" });
    }
  };
}

function end(which: number, percent: number): Step {
  return async (world) => {
    const id = [...world.calls.keys()][which];
    if (id !== undefined) await settle(world, id, ((world.calls.get(id)?.most ?? 0n) * BigInt(percent)) / 100n);
  };
}

async function settle(world: World, id: string, cost: bigint): Promise<void> {
  world.calls.get(id)?.hold.settle({ tokens: 0, nanos: cost });
  world.calls.delete(id);
  world.charged += cost;
  const settlement = sampleSettlement({ id, costNanos: cost, chargedNanos: cost, prepaid: true });
  await store.calls.append({ opened: [], settled: [settlement, settlement] });
}

async function expire({ limiter, clock }: World): Promise<void> {
  const withdraw = (of: string, credit: Parameters<Limiter["withdraw"]>[1]) =>
    limiter.withdraw(`credits:${of}`, credit);
  await expireCredits({ ledger: store.ledger, clock, withdraw });
}

/** A kill, and another process that recovers what is open at nothing. */
async function restart(world: World): Promise<void> {
  const charge = () => ({ chargedNanos: 0n, prepaid: true });
  await recover({ calls: store.calls, clock: world.clock, beforeMs: Number.MAX_SAFE_INTEGER, price: () => 0n, charge });
  world.calls.clear();
  world.limiter = limiterOf();
}

async function scopesNow(): Promise<readonly Scope[]> {
  const entry = (await store.keys.findByDigest("digest-of-key_1")) as KeyEntry;
  return scopesOf(entry);
}

const balance = async (): Promise<bigint> => {
  const { grantedNanos, chargedNanos } = await store.ledger.balance("acme");
  return grantedNanos - chargedNanos;
};

function held({ calls }: World): bigint {
  return [...calls.values()].reduce((sum, { most }) => sum + most, 0n);
}

async function free(world: World): Promise<bigint> {
  return (await balance()) - held(world);
}

async function check(world: World): Promise<void> {
  const { data } = await store.ledger.list({ limit: 1_000 });
  const now = await balance();
  expect(now).toBe(data.reduce((sum, { amountNanos }) => sum + amountNanos, 0n));
  expect(await free(world), "what is there beside what calls may still spend").toBeGreaterThanOrEqual(0n);
  expect((await store.ledger.balance("acme")).chargedNanos).toBe(world.charged);
  const [usage] = await store.calls.usage({ groupBy: [], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
  expect(usage?.prepaidNanos, "usage says the same as the ledger").toBe(world.charged);
  const scopes = await scopesNow();
  if (!scopes.some(({ id }) => id === scope)) return;
  await world.limiter.prime(scopes);
  const purse = world.limiter.purses(scopes).find((one) => one.scope === scope)?.purse;
  expect(purse?.reserved).toBe(held(world));
  expect(purse?.left(world.clock.now())).toBe(await free(world));
}
