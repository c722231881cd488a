// Credentials by the admin surface: written and never read back, in force at once, and tried against a real server.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Received, Script, Step } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const first = "sk-test-first-0123456789abcdefWXYZ";
const second = "sk-test-second-0123456789abcdefQRST";
const own = "sk-test-own-0123456789abcdefGHIJ";

/** What the tests look at of any answer. */
interface Answer {
  readonly id: string;
  readonly key: string;
  readonly data: readonly unknown[];
}

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway({ env: { OPENAI_BASE_URL: `${replay.url}/v1`, ...env } });
}

async function admin(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const told = await gateway.admin(method, path, body);
  return { status: told.status, body: told.body as unknown as Answer };
}

async function add(more: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await admin("POST", "/credentials", {
    provider: "openai",
    name: "main",
    value: first,
    ...more,
  });
  expect([status, body]).toMatchObject([201, {}]);
  return body.id;
}

async function ask(key = gateway.key, model = "openai/gpt-4o-mini") {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const always = { times: Number.POSITIVE_INFINITY };
const withKey = (key: string) => (request: Received) => request.headers.authorization === `Bearer ${key}`;
const head = (status: number): Step => ({ kind: "head", status, headers: { "content-type": "application/json" } });
const answer: Script = () => [
  head(200),
  JSON.stringify({
    ...{ id: "c", object: "chat.completion", created: 1, model: "gpt-4o-mini" },
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 },
  }),
];
const refusal: Script = () => [
  head(401),
  JSON.stringify({
    error: { message: `Incorrect API key provided: ${second}`, type: "invalid_request_error", code: "invalid_api_key" },
  }),
];

/** Which keys were used, in order. */
const used = () => replay.requests.map(({ headers }) => headers.authorization?.replace("Bearer ", ""));

describe("a stored credential", () => {
  test("is in force at once, ends the sandbox that was there instead, and is gone at once when it is removed", async () => {
    await start();
    expect((await ask(gateway.key, "sandbox/echo")).status).toBe(200);
    expect((await ask()).status).toBe(503);
    const id = await add();
    replay.script(answer, { match: withKey(first) });
    expect((await ask()).status).toBe(200);
    expect((await ask(gateway.key, "sandbox/echo")).status).toBe(503);
    expect((await admin("DELETE", `/credentials/${id}`)).status).toBe(200);
    expect((await ask()).status).toBe(503);
    expect((await ask(gateway.key, "sandbox/echo")).status).toBe(200);
  });

  test("is there after a restart", async () => {
    await start();
    await add();
    gateway = await gateway.restart();
    replay.script(answer, { match: withKey(first) });
    expect((await ask()).status).toBe(200);
  });

  test("is never shown: not in an answer, and not in a byte of what is on disk", async () => {
    await start();
    const id = await add();
    await admin("POST", `/credentials/${id}/rotate`, { value: second });
    const answers = await Promise.all(
      ["/credentials", `/credentials/${id}`, `/credentials/${id}/versions`, "/providers"].map((path) =>
        admin("GET", path),
      ),
    );
    const conflict = await admin("POST", "/credentials", { provider: "openai", name: "again", value: second });
    const wrong = await admin("POST", "/credentials", { provider: "openai", name: "again", value: `${own}\u00e9` });
    expect([conflict.status, wrong.status]).toEqual([409, 400]);
    const written = readdirSync(gateway.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
    const shown = [JSON.stringify([...answers, conflict, wrong]), ...written].join("\n");
    for (const value of [first, second, own]) expect(shown.includes(value.slice(8, -4))).toBe(false);
    expect(answers[1]?.body).toMatchObject({ hint: "QRST", version: 2 });
  });

  test("is used for its models alone", async () => {
    await start();
    await add({ models: ["gpt-4o*"] });
    replay.script(answer, always);
    expect((await ask()).status).toBe(200);
    expect((await ask(gateway.key, "openai/gpt-4.1")).status).toBe(503);
  });

  test("stands by while one of a lower number serves, and steps in when that is refused", async () => {
    await start({ TURNPIKE_BREAKERS: "on" });
    await add({ name: "standby", value: second, priority: 1 });
    await add({ value: first });
    replay.script(answer, { match: withKey(first), times: 5 });
    for (let call = 0; call < 5; call++) expect((await ask()).status).toBe(200);
    expect(new Set(used())).toEqual(new Set([first]));
    replay.script(refusal, { match: withKey(first) });
    replay.script(answer, { match: withKey(second) });
    expect((await ask()).status).toBe(200);
  });

  test("is not used beyond its limits: the next one is, and without one the caller is told when to try again", async () => {
    await start();
    await add({ limits: { requests_per_minute: 2 } });
    replay.script(answer, always);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    await add({ name: "more", value: second });
    expect((await ask()).status).toBe(200);
    expect(used()).toEqual([first, first, second]);
  });

  test("is not used when it is disabled or has expired", async () => {
    await start();
    const id = await add({ expires_at: new Date(Date.now() + 700).toISOString() });
    replay.script(answer, always);
    await admin("PATCH", `/credentials/${id}`, { enabled: false });
    expect((await ask()).status).toBe(503);
    await admin("PATCH", `/credentials/${id}`, { enabled: true });
    expect((await ask()).status).toBe(200);
    await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(503);
    expect((await admin("GET", `/credentials/${id}`)).body).toMatchObject({ status: "expired" });
  });

  test("says what a provider needs that is made of several variables, and takes them", async () => {
    await start();
    const bedrock = { provider: "amazon-bedrock", name: "bedrock" };
    const secretVariable = await admin("POST", "/credentials", {
      ...bedrock,
      value: "k",
      variables: { AWS_SECRET_ACCESS_KEY: "x" },
    });
    expect([secretVariable.status, JSON.stringify(secretVariable.body)]).toEqual([
      400,
      expect.stringContaining("values"),
    ]);
    const half = await admin("POST", "/credentials", { ...bedrock, values: { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE" } });
    expect([half.status, JSON.stringify(half.body)]).toEqual([400, expect.stringContaining("AWS_SECRET_ACCESS_KEY")]);
    const whole = await admin("POST", "/credentials", {
      ...bedrock,
      values: { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "0123456789abcdef" },
      variables: { AWS_REGION: "eu-west-1" },
    });
    expect([whole.status, whole.body]).toMatchObject([201, { status: "active", hint: null }]);
    const vault = await admin("POST", "/credentials", { provider: "openai", name: "r", reference: "file:/etc/passwd" });
    expect(vault.status).toBe(400);
  });
});

describe("a rotation", () => {
  test("moves calls to the new value at once, and back while the provider does not take it yet", async () => {
    await start({ TURNPIKE_BREAKERS: "on" });
    const id = await add();
    replay.script(answer, { match: withKey(first), ...always });
    await ask();
    await admin("POST", `/credentials/${id}/rotate`, { value: second, overlap_hours: 1 });
    replay.script(refusal, { match: withKey(second) });
    const [one, two] = [await ask(), await ask()];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(used()).toEqual([first, second, first, first]);
    const { body } = await admin("GET", "/alerts?open=true");
    expect(JSON.stringify(body)).toContain("credential_rotation_refused");
  });

  test("without an overlap destroys the former value: no byte of it is left", async () => {
    await start();
    const id = await add();
    await admin("POST", `/credentials/${id}/rotate`, { value: second, overlap_hours: 0 });
    const { body } = await admin("GET", `/credentials/${id}/versions`);
    expect(body.data).toMatchObject([
      { version: 2, state: "current" },
      { version: 1, state: "destroyed" },
    ]);
    replay.script(refusal, { match: withKey(second) });
    const refused = await ask();
    expect([refused.status, refused.text.includes("0123456789")]).toEqual([502, false]);
    expect(used()).toEqual([second]);
  });

  test("lets a credential be used again that was refused before", async () => {
    await start({ TURNPIKE_BREAKERS: "on" });
    const id = await add();
    replay.script(refusal, { match: withKey(first) });
    await ask();
    expect((await admin("GET", `/credentials/${id}`)).body).toMatchObject({ refused_for: "authentication" });
    await admin("POST", `/credentials/${id}/rotate`, { value: second });
    replay.script(answer, { match: withKey(second) });
    expect((await ask()).status).toBe(200);
    expect((await admin("GET", `/credentials/${id}`)).body).toMatchObject({ refused_for: null });
  });
});

describe("a customer's own key", () => {
  async function keyOf(customer: string): Promise<string> {
    const { body } = await admin("POST", "/keys", { name: `key-of-${customer}`, customer });
    return body.key;
  }

  test("is used for that customer's calls alone, before the installation's", async () => {
    await start({ OPENAI_API_KEY: first });
    await add({ name: "own", value: own, customer: "acme" });
    replay.script(answer, always);
    const [acme, other] = [await keyOf("acme"), await keyOf("other")];
    expect([(await ask(acme)).status, (await ask(other)).status, (await ask()).status]).toEqual([200, 200, 200]);
    expect(used()).toEqual([own, first, first]);
  });

  test("is nobody else's way to a provider: neither to call it nor to see its models", async () => {
    await start();
    await add({ name: "own", value: own, customer: "acme" });
    replay.script(answer, always);
    const [acme, other] = [await keyOf("acme"), await keyOf("other")];
    const models = async (key: string) => {
      const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      return ((await response.json()) as { data: { providers: string[] }[] }).data.some(({ providers }) =>
        providers.includes("openai"),
      );
    };
    expect([await models(acme), await models(other)]).toEqual([true, false]);
    expect([(await ask(acme)).status, (await ask(other)).status]).toEqual([200, 503]);
  });

  test.each([
    [true, 200, [own, first]],
    [false, 502, [own]],
  ])("with fallback %s ends in a %i when it is refused", async (fallback, status, keys) => {
    await start({ OPENAI_API_KEY: first });
    await add({ name: "own", value: own, customer: "acme", fallback });
    replay.script(refusal, { match: withKey(own) });
    replay.script(answer, { match: withKey(first), ...always });
    expect((await ask(await keyOf("acme"))).status).toBe(status);
    expect(used()).toEqual(keys);
  });

  test.each([
    [undefined, "0"],
    ["5", "0.0075"],
  ])("with a fee of %s percent is charged %s for what costs 0.15 dollars", async (fee_percent, charged) => {
    await start();
    await add({ name: "own", value: own, customer: "acme", ...(fee_percent && { fee_percent }) });
    replay.script(answer, always);
    const { headers } = await ask(await keyOf("acme"));
    expect(headers.get("x-turnpike-cost-usd")).toBe("0.15");
    await expect
      // The first reading starts the thread that reads.
      .poll(async () => (await admin("GET", "/usage?group_by=customer")).body.data, { timeout: 10_000 })
      .toMatchObject([{ customer: "acme", cost_usd: "0.15", charged_usd: charged }]);
  });
});

describe("a test of a credential", () => {
  const models: Script = () => [head(200), JSON.stringify({ object: "list", data: [] })];
  const list = ({ path }: Received) => path.startsWith("/v1/models");

  test("asks for the list of models, and sees that strangers are refused it", async () => {
    await start();
    const id = await add();
    replay.script(models, { match: (request) => list(request) && withKey(first)(request) });
    replay.script(refusal, { match: list });
    const { body } = await admin("POST", `/credentials/${id}/test`, {});
    expect(body).toMatchObject({ ok: true, result: "ok", asked: "models" });
    expect((await admin("GET", `/credentials/${id}`)).body).toMatchObject({ last_test: { result: "ok" } });
  });

  test("makes a call of one token where anybody may read the list", async () => {
    await start();
    const id = await add();
    replay.script(models, { match: list, times: 2 });
    const call = replay.script(refusal, { match: ({ path }) => path === "/v1/chat/completions" });
    const { body } = await admin("POST", `/credentials/${id}/test`, {});
    expect(body).toMatchObject({ ok: false, result: "authentication", http_status: 401 });
    expect(JSON.parse((await call.received).body)).toMatchObject({ max_tokens: 1 });
    expect(JSON.stringify(body)).not.toContain(second);
  });

  test("tells a wrong address from a refused key", async () => {
    await start();
    const id = await add({ base_url: "http://127.0.0.1:9/v1" });
    const { body } = await admin("POST", `/credentials/${id}/test`, {});
    expect(body).toMatchObject({ ok: false, result: "network" });
  });
});

test("credentials of the environment are listed with where they come from, and can't be changed", async () => {
  await start({ OPENAI_API_KEY: first, OPENAI_API_KEY_2: second });
  const { body } = await admin("GET", "/credentials");
  expect(body.data).toMatchObject([
    { id: "openai", source: "environment", hint: "WXYZ" },
    { id: "openai#2", source: "environment", hint: "QRST" },
  ]);
  expect((await admin("DELETE", "/credentials/openai")).status).toBe(409);
});
