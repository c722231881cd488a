// Alerts, and what survives a restart, over real sockets: a credential that its provider refuses, until it is taken again.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { always, answer, at, failing, withKey } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const [firstKey, secondKey] = ["sk-test-first-0123456789abcdef", "sk-test-second-0123456789abcdef"];
let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      TURNPIKE_BREAKERS: "on",
      TURNPIKE_ROUTING: "balanced",
      TURNPIKE_LOG_LEVEL: "silent",
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha`,
      OPENAI_API_KEY: firstKey,
      OPENAI_API_KEY_2: secondKey,
      OPENAI_BASE_URL: `${replay.url}/openai`,
    },
  });
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

const admin: Gateway["admin"] = (...asked) => gateway.admin(...asked);

const alerts = async (query = "") => (await admin("GET", `/alerts${query}`)).body.data as Record<string, unknown>[];

async function call(model: string): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.status;
}

test("a credential that its provider refuses raises an alert, which ends when it is taken again, after a restart too", async () => {
  replay.script(failing(401), { match: withKey(firstKey) });
  replay.script(answer, { match: withKey(secondKey), ...always });
  for (let time = 0; time < 8; time++) expect(await call("openai/gpt-4.1-mini")).toBe(200);
  await expect.poll(() => alerts(), { timeout: 10_000 }).toHaveLength(1);
  const [alert] = await alerts();
  expect(alert).toMatchObject({
    object: "alert",
    kind: "credential_refused",
    subject: "openai",
    status: "open",
    count: 1,
    resolved_at: null,
  });
  expect(JSON.stringify(alert)).not.toContain("sk-test");

  gateway = await gateway.restart();
  expect(await alerts("?open=true")).toHaveLength(1);
  const { body } = await admin("GET", "/providers/openai");
  expect((body.credentials as unknown[])[0]).toEqual({
    id: "openai",
    state: "refused",
    refused_for: "authentication",
    retry_at: null,
  });
  replay.script(answer, { match: withKey(firstKey), ...always });
  await expect
    .poll(async () => {
      await call("openai/gpt-4.1-mini");
      return alerts("?open=true");
    })
    .toEqual([]);
  expect(await alerts("?open=false&kind=credential_refused")).toMatchObject([
    { subject: "openai", status: "resolved" },
  ]);
});

test("a credential without quota raises an alert of its own", async () => {
  replay.script(failing(429, {}, { code: "insufficient_quota" }), { match: withKey(firstKey), ...always });
  replay.script(answer, { match: withKey(secondKey), ...always });
  for (let time = 0; time < 8; time++) await call("openai/gpt-4.1-mini");
  await expect.poll(() => alerts("?kind=credential_exhausted")).toMatchObject([{ subject: "openai", status: "open" }]);
});

test("an administrator can say that an alert has been seen, once, and it stays open in its list", async () => {
  replay.script(failing(401), { match: at("openai"), ...always });
  await call("openai/gpt-4.1-mini");
  await expect.poll(() => alerts()).toHaveLength(2);
  const [{ id } = {}] = await alerts("?limit=1");
  const seen = await admin("POST", `/alerts/${id}/acknowledge`);
  expect(seen).toMatchObject({ status: 200, body: { status: "acknowledged", acknowledged_by: "adm_first" } });
  expect((await alerts("?open=true")).map(({ status }) => status)).toEqual(["acknowledged", "open"]);
  const none = await admin("POST", "/alerts/alert_none/acknowledge");
  expect([none.status, (none.body.error as { code: string }).code]).toEqual([404, "not_found"]);
});

test("alerts are listed in pages, and only by what is known", async () => {
  replay.script(failing(401), { match: at("openai"), ...always });
  await call("openai/gpt-4.1-mini");
  await expect.poll(() => alerts()).toHaveLength(2);
  const first = (await admin("GET", "/alerts?limit=1")).body;
  expect(first.has_more).toBe(true);
  const second = (await admin("GET", `/alerts?limit=1&cursor=${first.next_cursor}`)).body;
  expect([second.has_more, (second.data as unknown[]).length]).toEqual([false, 1]);
  for (const query of ["?open=maybe", "?limit=0", "?cursor=x", "?unknown=1"]) {
    expect((await admin("GET", `/alerts${query}`)).status).toBe(400);
  }
});

test("what was measured is known after a restart", async () => {
  replay.script(answer, { match: at("alpha"), times: 5 });
  for (let time = 0; time < 5; time++) expect(await call("alpha/m")).toBe(200);
  gateway = await gateway.restart();
  const { body } = await admin("POST", "/routes/plan", { model: "alpha/m" });
  expect((body.steps as unknown[])[0]).toMatchObject({ provider: "alpha", measurements: 5 });
});
