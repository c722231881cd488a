// Processes that are killed under load: the others go on, the ledger has every call once, and no budget is overrun.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import {
  answerWith,
  type Crew,
  isAlive,
  promptTokensFor,
  reservationOf,
  startCrew,
  usdOf,
} from "../support/workers.ts";

let replay: Replay;
let crew: Crew;
let promptTokens = 5;
/** Requests that the upstream was sent. */
let asked = 0;

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url });
  replay.script(
    answerWith(() => {
      asked += 1;
      return promptTokens;
    }, 40),
    { times: Number.POSITIVE_INFINITY },
  );
}, 60_000);

afterAll(async () => {
  await crew.close();
  await replay.close();
});

/** Clients that call until they are told to stop; half of them stream. Returns how to stop. */
function callAround(key: string, clients: number): { readonly served: () => number; stop(): Promise<void> } {
  let served = 0;
  let isOver = false;
  const running = Array.from({ length: clients }, async (_, at) => {
    while (!isOver) {
      const response = await crew.call(key, { stream: at % 2 === 0 }).catch(() => null);
      const text = (await response?.text().catch(() => "")) ?? "";
      if (response?.status === 200 && /"usage"/.test(text)) served += 1;
      else await sleep(20);
    }
  });
  return {
    served: () => served,
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

const rowsOf = (customer: string) => crew.ledger().filter((row) => row.customer === customer);
const spent = (customer: string): bigint =>
  rowsOf(customer).reduce((sum, { cost_nanos }) => sum + BigInt(cost_nanos ?? 0), 0n);

test("a connection that a worker was given and had not taken when it was killed is served by another one", async () => {
  const { key } = await crew.newKey("on-the-way");
  const [victim = 0] = crew.workerPids();
  process.kill(victim, "SIGSTOP");
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" };
  // The stopped worker is given one of them, and the other worker all others.
  const calls = Array.from({ length: 6 }, async () => {
    const response = await crew.call(key, {}, { headers });
    await response.text();
    return response.status;
  });
  const served = Promise.all(calls);
  try {
    await expect.poll(() => rowsOf("on-the-way").length, { timeout: 60_000 }).toBe(5);
  } finally {
    process.kill(victim, "SIGKILL");
  }
  expect(await served).toEqual(Array(6).fill(200));
  await crew.serving(2);
}, 120_000);

test("a worker that is killed is replaced; its calls are settled once each, and what they held comes back to the budget", async () => {
  const reserved = await reservationOf(crew, { stream: true });
  promptTokens = promptTokensFor(reserved);
  const whole = 400n * reserved;
  const { key } = await crew.newKey("survivor", { budget: { usd: usdOf(whole) } });
  asked = 0;
  const load = callAround(key, 12);
  await expect.poll(load.served, { timeout: 20_000 }).toBeGreaterThan(20);
  const [victim = 0] = crew.workerPids();
  process.kill(victim, "SIGKILL");
  const before = load.served();
  await expect.poll(() => crew.workerPids().filter((pid) => pid !== victim).length, { timeout: 20_000 }).toBe(2);
  await expect.poll(load.served, { timeout: 20_000 }).toBeGreaterThan(before + 20);
  await load.stop();
  await crew.serving(2);

  await expect
    .poll(() => rowsOf("survivor").filter(({ outcome }) => outcome === null).length, { timeout: 10_000 })
    .toBe(0);
  const rows = rowsOf("survivor");
  expect(new Set(rows.map(({ id }) => id)).size, "calls in the ledger twice").toBe(rows.length);
  expect(rows.length, "calls that the upstream was asked for").toBe(asked);
  expect(
    rows.some(({ outcome }) => outcome === "interrupted"),
    "calls that the killed worker left open",
  ).toBe(true);
  // Nothing is held any more, and nothing was given back twice: the rest of the budget pays for just so many calls.
  const left = (whole - spent("survivor")) / reserved;
  const statuses = await Promise.all(
    Array.from({ length: Number(left) + 50 }, async () => {
      const response = await crew.call(key, { stream: true });
      await response.text();
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(Number(left));
  expect(spent("survivor") <= whole).toBe(true);
}, 120_000);

test("when the keeper is killed its workers end at once, and the next start settles what they left", async () => {
  const reserved = await reservationOf(crew, { stream: true });
  promptTokens = promptTokensFor(reserved);
  const whole = 1_000n * reserved;
  const { key } = await crew.newKey("orphan", { budget: { usd: usdOf(whole) } });
  asked = 0;
  const load = callAround(key, 12);
  await expect.poll(load.served, { timeout: 20_000 }).toBeGreaterThan(20);
  const workers = crew.workerPids();
  const ended = once(crew.keeper, "exit");
  crew.keeper.kill("SIGKILL");
  await ended;
  await expect.poll(() => workers.filter(isAlive), { timeout: 2_000 }).toEqual([]);
  await load.stop();

  crew = await crew.restart();
  const rows = rowsOf("orphan");
  expect(rows.filter(({ outcome }) => outcome === null)).toEqual([]);
  expect(rows.length, "calls that the upstream was asked for").toBe(asked);
  const left = (whole - spent("orphan")) / reserved;
  const { key: probe } = { key };
  const response = await fetch(`${crew.url}/v1/key`, { headers: { authorization: `Bearer ${probe}` } });
  const { budgets } = (await response.json()) as { budgets: { left_usd: string }[] };
  expect(Number(budgets[0]?.left_usd)).toBeCloseTo(Number(usdOf(whole - spent("orphan"))), 9);
  expect(left > 0n).toBe(true);
}, 120_000);
