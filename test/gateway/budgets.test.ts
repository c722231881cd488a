// Budgets over real sockets: however calls come together, a key never spends more than it may.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Script } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

const maxTokens = 10;

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

/** The tokens that the reservation is for: then what is reserved is what is spent, and the budget ends on the nanodollar. */
let promptTokens = 0;

const answer: Script = async function* (request) {
  const { stream } = JSON.parse(request.body) as { stream?: boolean };
  const usage = { prompt_tokens: promptTokens, completion_tokens: 10, total_tokens: promptTokens + 10 };
  const base = { id: "c", created: 1, model: "gpt-4o-mini" };
  yield { kind: "head", status: 200, headers: { "content-type": stream ? "text/event-stream" : "application/json" } };
  yield { kind: "wait", ms: 30 };
  if (stream) {
    const frame = (more: object) =>
      `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...more })}\n\n`;
    yield frame({ choices: [{ index: 0, delta: { role: "assistant", content: "Hi" }, finish_reason: null }] });
    yield frame({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    yield `${frame({ choices: [], usage })}data: [DONE]\n\n`;
    return;
  }
  const message = { role: "assistant", content: "Hi" };
  yield JSON.stringify({
    ...base,
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage,
  });
};

const admin: Gateway["manage"] = (...asked) => gateway.manage(...asked);

async function newKey(customer: string, policy: object): Promise<string> {
  return (await admin("POST", "/keys", { name: "k", customer, policy })).key as string;
}

function call(key: string, more: object = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "openai/gpt-4o-mini",
      max_tokens: maxTokens,
      messages: [{ role: "user", content: "Hello" }],
      ...more,
    }),
    ...(signal && { signal }),
  });
}

/** What one call reserves: told by the refusal of a budget of nothing. */
async function reservationUsd(more: object = {}): Promise<string> {
  const key = await newKey("probe", { budget: { usd: "0" } });
  const { error } = (await (await call(key, more)).json()) as { error: { code: string; message: string } };
  expect(error.code).toBe("budget_exceeded");
  return /may cost \$([\d.]+)/.exec(error.message)?.[1] ?? "";
}

const nanos = (usd: string): bigint => {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole + fraction.padEnd(9, "0"));
};
const usdOf = (amount: bigint): string =>
  `${amount / 1_000_000_000n}.${(amount % 1_000_000_000n).toString().padStart(9, "0")}`;

async function spent(customer: string): Promise<{ usd: bigint; requests: number }> {
  const query = `/usage?group_by=customer&from=2020-01-01T00:00:00Z&customer=${customer}`;
  const { data } = (await admin("GET", query)) as { data: { cost_usd: string; requests: number }[] };
  return { usd: nanos(data[0]?.cost_usd ?? "0"), requests: data[0]?.requests ?? 0 };
}

describe.each([{ stream: false }, { stream: true }])("1,000 calls at once (stream: $stream)", ({ stream }) => {
  test("on a key with a budget for 137 of them: 137 are served, the others refused, and not a nanodollar more is spent", async () => {
    // gpt-4o-mini: 0.15 and 0.60 USD per million tokens.
    const reserved = nanos(await reservationUsd({ stream }));
    promptTokens = Number((reserved - 10n * 600n) / 150n);
    const budget = 137n * reserved;
    const customer = `budget-${stream}`;
    const key = await newKey(customer, { budget: { usd: usdOf(budget), per: "month" } });
    replay.script(answer, { times: Number.POSITIVE_INFINITY });
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const response = await call(key, { stream });
        const text = await response.text();
        if (response.status === 429) expect(JSON.parse(text).error.code).toBe("budget_exceeded");
        return response.status;
      }),
    );
    replay.clear();
    expect(statuses.filter((status) => status === 200)).toHaveLength(137);
    expect(statuses.filter((status) => status === 429)).toHaveLength(863);
    await expect.poll(async () => (await spent(customer)).requests, { timeout: 10_000 }).toBe(137);
    const { usd } = await spent(customer);
    expect(usd).toBeLessThanOrEqual(budget);
    expect(usd).toBe(budget);
  });
});

test("1,000 calls at once with four keys of one customer: its budget serves 137 of them, whichever key they come with", async () => {
  const reserved = nanos(await reservationUsd());
  promptTokens = Number((reserved - 10n * 600n) / 150n);
  const budget = 137n * reserved;
  await admin("POST", "/customers", { id: "shared", policy: { budget: { usd: usdOf(budget), per: "month" } } });
  const keys = await Promise.all(Array.from({ length: 4 }, () => newKey("shared", {})));
  replay.script(answer, { times: Number.POSITIVE_INFINITY });
  const statuses = await Promise.all(
    Array.from({ length: 1_000 }, async (_, at) => {
      const response = await call(keys[at % keys.length] ?? "");
      const text = await response.text();
      if (response.status === 429) expect(JSON.parse(text).error.code).toBe("budget_exceeded");
      return response.status;
    }),
  );
  replay.clear();
  expect(statuses.filter((status) => status === 200)).toHaveLength(137);
  expect(statuses.filter((status) => status === 429)).toHaveLength(863);
  await expect.poll(async () => (await spent("shared")).requests, { timeout: 10_000 }).toBe(137);
  expect((await spent("shared")).usd).toBe(budget);
});

describe("clients that leave", () => {
  test("give back what they held, and pay for what they were served", async () => {
    const reserved = nanos(await reservationUsd({ stream: true }));
    const whole = 40n * reserved;
    promptTokens = 5;
    const key = await newKey("leavers", { budget: { usd: usdOf(whole) } });
    replay.script(answer, { times: Number.POSITIVE_INFINITY });
    for (let round = 0; round < 5; round++) {
      await Promise.allSettled(
        Array.from({ length: 15 }, async (_, at) => {
          const leaving = new AbortController();
          const response = await call(key, { stream: true }, leaving.signal);
          if (at % 2 === 0) leaving.abort();
          await response.text();
        }),
      );
      // What a client that left was served is counted first; until then the most that it may cost is held.
      await expect.poll(async () => (await spent("leavers")).requests, { timeout: 10_000 }).toBe(15 * (round + 1));
    }
    const { usd } = await spent("leavers");
    expect(usd).toBeGreaterThan(0n);
    expect(usd).toBeLessThan(whole);
    // Nothing is held any more: as many calls fit at once as the rest of the budget pays for.
    const left = (whole - usd) / reserved;
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const response = await call(key, { stream: true });
        await response.text();
        return response.status;
      }),
    );
    replay.clear();
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(Number(left));
  });
});

describe("a call that fails", () => {
  test("costs nothing, and its budget is free for others", async () => {
    const reserved = nanos(await reservationUsd());
    const key = await newKey("failing", { budget: { usd: usdOf(reserved) } });
    for (let at = 0; at < 5; at++) {
      replay.script(() => [{ kind: "head", status: 500, headers: { "content-type": "application/json" } }, "{}"]);
      expect((await call(key)).status).toBe(502);
    }
    promptTokens = 5;
    replay.script(answer);
    expect((await call(key)).status).toBe(200);
    expect((await spent("failing")).usd).toBeLessThanOrEqual(reserved);
  });
});

describe("a restart", () => {
  test("does not give back what was spent", async () => {
    const reserved = nanos(await reservationUsd());
    promptTokens = Number((reserved - 10n * 600n) / 150n);
    const key = await newKey("restart", { budget: { usd: usdOf(3n * reserved), per: "month" } });
    replay.script(answer, { times: Number.POSITIVE_INFINITY });
    expect((await call(key)).status).toBe(200);
    expect((await call(key)).status).toBe(200);
    gateway = await gateway.restart();
    expect((await call(key)).status).toBe(200);
    expect((await call(key)).status).toBe(429);
    replay.clear();
  });
});

describe("limits", () => {
  test("are told in OpenAI's headers, and refuse with the time to wait", async () => {
    promptTokens = 5;
    const key = await newKey("limited", { limits: [{ requests: 2, tokens: 1_000_000, per: "minute" }] });
    replay.script(answer, { times: 2 });
    const first = await call(key);
    const headers = (response: Response, ...names: string[]) => names.map((name) => response.headers.get(name));
    expect(headers(first, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests")).toEqual(["2", "1"]);
    expect(first.headers.get("x-ratelimit-reset-requests")).toMatch(/^(1m0|\d+)s$/);
    expect(first.headers.get("x-ratelimit-limit-tokens")).toBe("1000000");
    expect((await call(key)).status).toBe(200);
    const refused = await call(key);
    expect(refused.status).toBe(429);
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe("rate_limit_exceeded");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(headers(refused, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests")).toEqual(["2", "0"]);
    expect(replay.clear()).toBe(0);
  });
});

describe("the output limit of a policy", () => {
  const limited = { max_output_tokens: 7 };

  test("is set in a request that sets none, and reserved for, in every dialect", async () => {
    const key = await newKey("short", limited);
    promptTokens = 5;
    const bodies: readonly [string, object, (sent: Record<string, unknown>) => unknown][] = [
      ["/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] }, (sent) => sent.max_completion_tokens],
      [
        "/v1/messages",
        { messages: [{ role: "user", content: "Hi" }], max_tokens: 7 },
        (sent) => sent.max_completion_tokens,
      ],
      [
        "/v1beta/models/openai/gpt-4o-mini:generateContent",
        { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
        (sent) => sent.max_completion_tokens,
      ],
    ];
    for (const [path, body, limitOf] of bodies) {
      const exchange = replay.script(answer);
      const response = await fetch(`${gateway.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ ...(path.includes("v1beta") ? {} : { model: "openai/gpt-4o-mini" }), ...body }),
      });
      expect(response.status, await response.text()).toBe(200);
      expect(limitOf(JSON.parse((await exchange.received).body))).toBe(7);
    }
  });

  test("refuses what asks for more, without asking anybody", async () => {
    const key = await newKey("short", limited);
    const refused = await call(key, { max_tokens: 8 });
    expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      "too_many_tokens",
    ]);
    expect(replay.clear()).toBe(0);
  });
});
