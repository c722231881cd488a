// Limits and budgets over two workers: exact, whichever process a call comes to.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import { answerWith, type Crew, promptTokensFor, reservationOf, startCrew, usdOf } from "../support/workers.ts";

let replay: Replay;
let crew: Crew;
let promptTokens = 5;

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url });
  replay.script(
    answerWith(() => promptTokens),
    { times: Number.POSITIVE_INFINITY },
  );
}, 60_000);

afterAll(async () => {
  await crew.close();
  await replay.close();
});

const settled = (customer: string) => crew.ledger().filter((row) => row.customer === customer && row.outcome !== null);
const spent = (customer: string): bigint =>
  settled(customer).reduce((sum, { cost_nanos }) => sum + BigInt(cost_nanos ?? 0), 0n);

async function statusesOf(keys: readonly string[], calls: number, more: object = {}): Promise<number[]> {
  return Promise.all(
    Array.from({ length: calls }, async (_, at) => {
      const response = await crew.call(keys[at % keys.length] ?? "", more);
      await response.text();
      return response.status;
    }),
  );
}

describe.each([{ stream: false }, { stream: true }])(
  "1,000 calls at once over two workers (stream: $stream)",
  ({ stream }) => {
    test("on a key with a budget for 137 of them: 137 are served, and the budget is spent to the nanodollar", async () => {
      const reserved = await reservationOf(crew, { stream });
      promptTokens = promptTokensFor(reserved);
      const customer = `budget-${stream}`;
      const { key } = await crew.newKey(customer, { budget: { usd: usdOf(137n * reserved), per: "month" } });
      const statuses = await statusesOf([key], 1_000, { stream });
      expect(statuses.filter((status) => status === 200)).toHaveLength(137);
      expect(statuses.filter((status) => status === 429)).toHaveLength(863);
      await expect.poll(() => settled(customer).length, { timeout: 10_000 }).toBe(137);
      expect(spent(customer)).toBe(137n * reserved);
    }, 60_000);
  },
);

test("five keys of one customer spend its budget together, and no more", async () => {
  const reserved = await reservationOf(crew);
  promptTokens = promptTokensFor(reserved);
  await crew.admin("POST", "/customers", { id: "family", policy: { budget: { usd: usdOf(41n * reserved) } } });
  const keys = await Promise.all(Array.from({ length: 5 }, () => crew.newKey("family")));
  const statuses = await statusesOf(
    keys.map(({ key }) => key),
    200,
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(41);
  await expect.poll(() => settled("family").length, { timeout: 10_000 }).toBe(41);
  expect(spent("family")).toBe(41n * reserved);
}, 60_000);

test("clients that leave give back what they held, and pay for what they were served", async () => {
  const reserved = await reservationOf(crew, { stream: true });
  promptTokens = 5;
  const whole = 40n * reserved;
  const { key } = await crew.newKey("leavers", { budget: { usd: usdOf(whole) } });
  for (let round = 0; round < 3; round++) {
    await Promise.allSettled(
      Array.from({ length: 15 }, async (_, at) => {
        const leaving = new AbortController();
        const response = await crew.call(key, { stream: true }, { signal: leaving.signal });
        if (at % 2 === 0) leaving.abort();
        await response.text();
      }),
    );
    await expect.poll(() => settled("leavers").length, { timeout: 10_000 }).toBe(15 * (round + 1));
  }
  // Nothing is held any more: as many fit at once as the rest of the budget pays for.
  const left = (whole - spent("leavers")) / reserved;
  promptTokens = promptTokensFor(reserved);
  const statuses = await statusesOf([key], 100, { stream: true });
  expect(statuses.filter((status) => status === 200)).toHaveLength(Number(left));
}, 60_000);

test("a limit of requests a minute holds for both together, and its headers count down by both", async () => {
  const { key } = await crew.newKey("limited", { limits: [{ requests: 20, per: "minute" }] });
  const remaining: string[] = [];
  for (let at = 0; at < 5; at++) {
    const response = await crew.call(key);
    await response.text();
    remaining.push(response.headers.get("x-ratelimit-remaining-requests") ?? "");
  }
  expect(remaining).toEqual(["19", "18", "17", "16", "15"]);
  const statuses = await statusesOf([key], 60);
  expect(statuses.filter((status) => status === 200)).toHaveLength(15);
  expect(statuses.filter((status) => status === 429)).toHaveLength(45);
}, 60_000);

test("so many calls under way at a time are so many in both together", async () => {
  const { key } = await crew.newKey("few", { max_concurrency: 3 });
  const statuses = await statusesOf([key], 30);
  expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  expect(await statusesOf([key], 3)).toEqual([200, 200, 200]);
}, 60_000);

test("prepaid credit is spent to the nanodollar", async () => {
  const reserved = await reservationOf(crew);
  promptTokens = promptTokensFor(reserved);
  await crew.admin("POST", "/customers/prepaid/credits", {
    kind: "top_up",
    usd: usdOf(23n * reserved),
    reason: "paid",
    create: true,
  });
  const { key } = await crew.newKey("prepaid");
  const statuses = await statusesOf([key], 100);
  expect(statuses.filter((status) => status === 200)).toHaveLength(23);
  expect(statuses.filter((status) => status === 402)).toHaveLength(77);
}, 60_000);

test("a caller sees what is left of its budget, whichever worker it asks", async () => {
  const reserved = await reservationOf(crew);
  promptTokens = promptTokensFor(reserved);
  const { key } = await crew.newKey("looker", { budget: { usd: usdOf(10n * reserved) } });
  await statusesOf([key], 4);
  for (let at = 0; at < 4; at++) {
    const response = await fetch(`${crew.url}/v1/key`, {
      headers: { authorization: `Bearer ${key}`, connection: "close" },
    });
    const { budgets } = (await response.json()) as { budgets: { left_usd: string }[] };
    expect(budgets[0]?.left_usd).toBe(trimmed(usdOf(6n * reserved)));
  }
}, 60_000);

function trimmed(usd: string): string {
  return usd.replace(/\.?0+$/, "");
}
