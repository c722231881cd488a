// Prepaid credits over real sockets: never overdrawn however calls come together, and charged at the customer's percentage.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "../../src/store/sqlite.ts";
import { expireCredits } from "../../src/usage/expiry.ts";
import { sampleEntry } from "../store/contract-credits.ts";
import { noon, sampleCall, sampleSettlement } from "../store/samples.ts";
import type { Script } from "../support/answers.ts";
import { manualClock } from "../support/clock.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: { OPENAI_API_KEY: "sk-test-upstream-openai-0123456789", OPENAI_BASE_URL: `${replay.url}/v1` },
  });
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

let promptTokens = 5;

const answer: Script = async function* () {
  yield { kind: "head", status: 200, headers: { "content-type": "application/json" } };
  yield { kind: "wait", ms: 30 };
  yield JSON.stringify({
    ...{ id: "c", created: 1, model: "gpt-4o-mini", object: "chat.completion" },
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    usage: { prompt_tokens: promptTokens, completion_tokens: 10, total_tokens: promptTokens + 10 },
  });
};

async function request(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  return fetch(`${gateway.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function admin(method: string, path: string, body?: object, headers?: Record<string, string>) {
  const response = await request(method, path, body, headers);
  const told = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(told)}`);
  return told;
}

async function newKey(customer: string): Promise<string> {
  return (await admin("POST", "/keys", { name: "k", customer })).key as string;
}

function call(key: string): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: "openai/gpt-4o-mini", max_tokens: 10 },
      messages: [{ role: "user", content: "Hello" }],
    }),
  });
}

const nanos = (usd: string): bigint => {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole + fraction.padEnd(9, "0"));
};
const usdOf = (amount: bigint): string =>
  `${amount / 1_000_000_000n}.${(amount % 1_000_000_000n).toString().padStart(9, "0")}`;

test("400 calls at once on credit for 37 of them: 37 are served on two keys, the balance is the sum of the entries and not below 0", async () => {
  const keys = [await newKey("payer"), await newKey("payer")];
  const first = keys[0] ?? "";
  await admin("POST", "/customers", { id: "payer" });
  expect(await admin("PATCH", "/customers/payer/pricing", { price_percent: "133.3", prepaid: true })).toMatchObject({
    price_percent: "133.3",
    prepaid: true,
  });
  const refused = await call(first);
  expect(refused.status, "without any credit").toBe(402);
  const { error } = (await refused.json()) as { error: { code: string; message: string } };
  expect(error.code).toBe("budget_exceeded");
  const reserved = nanos(/may cost \$([\d.]+)/.exec(error.message)?.[1] ?? "");
  // gpt-4o-mini: 0.15 and 0.60 USD per million tokens. What is spent is what was reserved, to the nanodollar or so.
  promptTokens = Number(((reserved * 1000n) / 1333n - 10n * 600n) / 150n);

  const credit = { kind: "top_up", usd: usdOf(37n * reserved), reason: "invoice 7" };
  const once = { "idempotency-key": "top-up-7" };
  const made = await admin("POST", "/customers/payer/credits", credit, once);
  expect(await admin("POST", "/customers/payer/credits", credit, once), "sent again").toEqual(made);

  replay.script(answer, { times: Number.POSITIVE_INFINITY });
  const statuses = await Promise.all(
    Array.from({ length: 400 }, async (_, at) => {
      const response = await call(keys[at % 2] ?? "");
      await response.text();
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(37);
  expect(statuses.filter((status) => status === 402)).toHaveLength(363);

  const cost = BigInt(promptTokens) * 150n + 10n * 600n;
  const charge = (cost * 1333n + 500n) / 1000n;
  const balance = () => admin("GET", "/customers/payer/credits");
  await expect.poll(balance, { timeout: 10_000 }).toMatchObject({
    granted_usd: usdOf(37n * reserved).replace(/0+$/, ""),
    balance_usd: usdOf(37n * (reserved - charge)).replace(/\.?0+$/, ""),
  });
  const { data } = (await admin("GET", "/ledger?customer=payer&limit=100")) as {
    data: { kind: string; usd: string }[];
  };
  expect(data.filter(({ kind }) => kind === "charge")).toHaveLength(37);
  expect(data.filter(({ kind }) => kind === "top_up")).toHaveLength(1);
  const csv = await (await request("GET", "/ledger?customer=payer&kind=top_up&format=csv")).text();
  expect(csv).toContain("id,at,customer,kind,usd,counter_account,reason,actor,expires_at\r\n");
  expect(csv).toContain(",payer,top_up,");
  const { data: usage } = (await admin("GET", "/usage?customer=payer")) as { data: Record<string, string>[] };
  expect(nanos(usage[0]?.cost_usd ?? "")).toBe(37n * cost);
  expect(nanos(usage[0]?.charged_usd ?? "")).toBe(37n * charge);

  await admin("POST", "/customers/payer/credits", { kind: "refund", usd: usdOf(reserved), reason: "an apology" });
  expect((await call(first)).status, "on what was refunded").toBe(200);
  expect((await call(first)).status).toBe(402);
  gateway = await gateway.restart();
  expect((await call(first)).status, "after a restart").toBe(402);
  replay.clear();
});

test("a movement for a customer that nothing has named is refused, and done when it says that it makes one", async () => {
  const move = async (customer: string, more: object = {}) => {
    const response = await request("POST", `/customers/${customer}/credits`, { kind: "top_up", usd: "1", ...more });
    return [response.status, await response.json()];
  };
  expect(await move("typo")).toEqual([
    404,
    { error: expect.objectContaining({ code: "not_found", message: expect.stringContaining("create: true") }) },
  ]);
  expect((await request("GET", "/customers/typo")).status).toBe(404);
  expect(await move("typo", { create: true })).toMatchObject([201, { usd: "1" }]);
  expect(await move("typo")).toMatchObject([201, { usd: "1" }]);
  await admin("POST", "/keys", { name: "n", customer: "named-by-its-key" });
  expect(await move("named-by-its-key")).toMatchObject([201, {}]);
});

test("what is refused: no reason for an adjustment, nothing, more digits than there are", async () => {
  const status = async (body: object) => (await request("POST", "/customers/x/credits", body)).status;
  expect(await status({ kind: "adjustment", usd: "1" })).toBe(400);
  expect(await status({ kind: "top_up", usd: "0" })).toBe(400);
  expect(await status({ kind: "top_up", usd: "-1" })).toBe(400);
  expect(await status({ kind: "top_up", usd: "0.0000000001" })).toBe(400);
  expect(await status({ kind: "charge", usd: "1", reason: "r" })).toBe(400);
  expect(await status({ kind: "adjustment", usd: "-0.5", create: true, reason: "a typing error" })).toBe(201);
  expect((await request("PATCH", "/customers/nobody/pricing", { price_percent: "90" })).status).toBe(404);
});

test("what is left of a top-up expires, once: calls have spent first what expires first", async () => {
  const store = await openSqlite(":memory:");
  const clock = manualClock(noon + 100);
  await store.ledger.add(sampleEntry({ id: "a", amountNanos: 100n, expiresAtMs: noon + 100 }));
  await store.ledger.add(sampleEntry({ id: "b", amountNanos: 50n }));
  await store.ledger.add(sampleEntry({ id: "c", amountNanos: 10n, expiresAtMs: noon + 200 }));
  await store.calls.append({
    opened: [sampleCall()],
    settled: [sampleSettlement({ chargedNanos: 70n, prepaid: true })],
  });
  const left = async () => {
    const { grantedNanos, chargedNanos } = await store.ledger.balance("acme");
    return grantedNanos - chargedNanos;
  };
  expect(await left()).toBe(90n);
  expect(await expireCredits({ ledger: store.ledger, clock })).toBe(1);
  expect(await left(), "30 of the 100 were left").toBe(60n);
  expect(await expireCredits({ ledger: store.ledger, clock })).toBe(0);
  clock.advance(100);
  expect(await expireCredits({ ledger: store.ledger, clock })).toBe(1);
  expect(await left(), "c was not touched").toBe(50n);
  await store.close();
});
