// What changes is in force in every worker: keys, customers, aliases, models; and every worker answers for any other's calls.

import { Client } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import { answerWith, type Crew, startCrew } from "../support/workers.ts";

let replay: Replay;
let crew: Crew;
/** Two connections: connections go to the workers in turn, so these are to both. */
let lanes: readonly [Client, Client];

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url, env: { TURNPIKE_SANDBOX: "on" } });
  replay.script(
    answerWith(() => 5, 1),
    { times: Number.POSITIVE_INFINITY },
  );
  lanes = [new Client(crew.url), new Client(crew.url)];
}, 60_000);

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  await crew.close();
  await replay.close();
});

interface Answer {
  readonly status: number;
  readonly id: string;
  readonly body: Record<string, unknown>;
}

async function ask(lane: Client, key: string, path: string, body?: object): Promise<Answer> {
  const response = await lane.request({
    path,
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return {
    status: response.statusCode,
    id: String(response.headers["x-request-id"]),
    body: (await response.body.json()) as Record<string, unknown>,
  };
}

const chat = (lane: Client, key: string, model = "openai/gpt-4o-mini"): Promise<Answer> =>
  ask(lane, key, "/v1/chat/completions", { model, max_tokens: 5, messages: [{ role: "user", content: "Hello" }] });

const bothStatuses = async (key: string, model?: string): Promise<number[]> => {
  const answers = await Promise.all(lanes.map((lane) => chat(lane, key, model)));
  return answers.map(({ status }) => status);
};

/** Resolves to how long it took until both workers answer with this status, milliseconds. */
async function untilBoth(status: number, key: string, model?: string): Promise<number> {
  const from = performance.now();
  await expect.poll(() => bothStatuses(key, model), { interval: 20, timeout: 5_000 }).toEqual([status, status]);
  return performance.now() - from;
}

test("a revoked key is refused by both workers within a second", async () => {
  const { id, key } = await crew.newKey("revoked");
  expect(await bothStatuses(key)).toEqual([200, 200]);
  await crew.admin("POST", `/keys/${id}/revoke`);
  expect(await untilBoth(401, key)).toBeLessThan(1_000);
});

test("a key that its holder revokes at one worker is refused by the other", async () => {
  const { key } = await crew.newKey("self-revoked");
  expect(await bothStatuses(key)).toEqual([200, 200]);
  expect((await ask(lanes[0], key, "/v1/key/revoke", {})).status).toBe(200);
  expect(await untilBoth(401, key)).toBeLessThan(1_000);
});

test("a budget that is taken away, and given back, holds in both", async () => {
  const { id, key } = await crew.newKey("changing");
  expect(await bothStatuses(key)).toEqual([200, 200]);
  await crew.admin("PATCH", `/keys/${id}`, { policy: { budget: { usd: "0" } } });
  await untilBoth(429, key);
  await crew.admin("PATCH", `/keys/${id}`, { policy: { budget: { usd: "1" } } });
  await untilBoth(200, key);
});

test("a customer that is suspended is refused by both", async () => {
  await crew.admin("POST", "/customers", { id: "suspended" });
  const { key } = await crew.newKey("suspended");
  expect(await bothStatuses(key)).toEqual([200, 200]);
  await crew.admin("PATCH", "/customers/suspended", { status: "suspended" });
  expect(await untilBoth(403, key)).toBeLessThan(1_000);
});

test("an alias and a declared model are known to both at once", async () => {
  const { key } = await crew.newKey("namer");
  await crew.admin("POST", "/aliases", { name: "fast", targets: ["openai/gpt-4o-mini"] });
  expect(await untilBoth(200, key, "fast")).toBeLessThan(1_000);
  await crew.admin("POST", "/models", { id: "openai/of-my-own", prices: { input: "1", output: "2" } });
  expect(await untilBoth(200, key, "openai/of-my-own")).toBeLessThan(1_000);
});

test("each worker tells of the other's calls, and of the responses that the other has stored", async () => {
  const { key } = await crew.newKey("reader");
  for (const [one, other] of [lanes, [...lanes].reverse()] as [Client, Client][]) {
    const { id } = await chat(one, key);
    await expect
      .poll(async () => (await ask(other, key, `/v1/generations/${id}`)).body.status, { interval: 10, timeout: 1_000 })
      .toBe("completed");
    const stored = await ask(one, key, "/v1/responses", { model: "sandbox/echo", input: "Hello" });
    expect(stored.status).toBe(200);
    expect((await ask(other, key, `/v1/responses/${stored.body.id}`)).body.id).toBe(stored.body.id);
  }
});

test("both say that they are ready, and the keeper tells administrators of what both have called", async () => {
  for (const lane of lanes) expect((await ask(lane, "", "/readyz")).body).toEqual({ status: "ok" });
  const { key } = await crew.newKey("counter");
  const attempts = async (): Promise<number> => {
    const { deployments } = (await crew.admin("GET", "/providers/openai")) as {
      deployments: { model: string; attempts: number }[];
    };
    return deployments.find(({ model }) => model === "gpt-4o-mini")?.attempts ?? 0;
  };
  await expect.poll(attempts, { timeout: 5_000 }).toBeGreaterThan(0);
  // Until all that was before is counted.
  let before = -1;
  const hasSettled = async (): Promise<boolean> => {
    const last = before;
    before = await attempts();
    return before === last;
  };
  await expect.poll(hasSettled, { interval: 600, timeout: 5_000 }).toBe(true);
  for (let round = 0; round < 3; round++) expect(await bothStatuses(key)).toEqual([200, 200]);
  await expect.poll(attempts, { timeout: 5_000 }).toBe(before + 6);
});

test("metrics are those of all processes, whichever worker is asked", async () => {
  for (const lane of lanes) {
    const response = await lane.request({
      path: "/metrics",
      method: "GET",
      headers: { authorization: `Bearer ${crew.adminKey}` },
    });
    const text = await response.body.text();
    const memory = [...text.matchAll(/^process_resident_memory_bytes\{worker="(\w+)"\} \d+$/gm)].map(([, of]) => of);
    expect(memory.toSorted()).toEqual(["1", "2", "keeper"]);
  }
});
