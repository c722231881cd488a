// Storms: when every upstream is down, calls don't multiply what reaches them; and time-outs, each of which can be set.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Received, Script } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { inParallel, recordOf } from "./faults/cases.ts";
import { ask, type Seen } from "./faults/clients.ts";
import { startFullServer } from "./faults/unreachable.ts";
import { upstreams } from "./faults/upstreams.ts";

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

const servers = ["alpha", "beta", "gamma"] as const;
const always = { times: Number.POSITIVE_INFINITY };
const at = (server: string) => (request: Received) => request.path.startsWith(`/${server}/`);
const down: Readonly<Record<(typeof servers)[number], Script>> = {
  alpha: () => [{ kind: "head", status: 500, headers: { "content-type": "text/html" } }, "<html>Oops</html>"],
  beta: () => [{ kind: "reset" }],
  gamma: () => [{ kind: "head", status: 503, headers: { "content-type": "application/json" } }, "{}"],
};

async function start(env: Record<string, string>): Promise<void> {
  const urls = servers.map((name) => [`TURNPIKE_PROVIDER_${name.toUpperCase()}_BASE_URL`, `${replay.url}/${name}`]);
  gateway = await startGateway({ env: { ...Object.fromEntries(urls), ...env } });
}

function call(options: { readonly stream?: boolean; readonly models?: readonly string[] } = {}): Promise<Seen> {
  const { stream = false, models = ["beta/m", "gamma/m"] } = options;
  return ask(gateway, "openai-chat", { model: "alpha/m", models, stream, prompt: "Hello" });
}

describe("a storm of calls with every upstream down", () => {
  const budget = 3;
  const asShipped = { TURNPIKE_BREAKERS: "on", TURNPIKE_MAX_RETRY_WAIT_MS: "2000", TURNPIKE_ROUTING: "balanced" };

  test.each([
    ["one after another", 1],
    ["ten at a time", 10],
  ])("stays within the budget of attempts, and breakers end it: %s", async (_how, width) => {
    await start({ ...asShipped, TURNPIKE_MAX_ATTEMPTS: String(budget) });
    for (const name of servers) replay.script(down[name], { match: at(name), ...always });
    const calls = Array.from({ length: 300 }, (_, number) => number);
    let [begun, steady] = [0, 0];
    const seen = await inParallel(calls, width, async () => {
      begun += 1;
      // By then every breaker has seen more than it takes to open it.
      if (begun === 100) steady = replay.requests.length;
      return call();
    });
    const perCall = (replay.requests.length - steady) / 200;
    console.log(`storm, ${width} at a time: ${steady} requests for the first 100 calls, then ${perCall} per call`);
    expect(perCall).toBeLessThan(0.1);
    expect(seen.every(({ status }) => status >= 500)).toBe(true);
    // What breakers refuse is not admitted, and has no record.
    const admitted = seen.filter(({ error }) => error?.code !== "no_deployment_available");
    const records = await inParallel(admitted, 10, ({ headers }) => recordOf(gateway, headers.get("x-request-id")));
    const attempts = records.map((record) => record.attempts.length);
    expect(Math.max(...attempts)).toBeLessThanOrEqual(budget);
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBe(replay.requests.length);
    expect(records.every(({ status, cost_usd }) => status === "failed" && cost_usd === "0")).toBe(true);
  });

  test("goes unnoticed as long as one upstream answers", async () => {
    await start({ ...asShipped, TURNPIKE_MAX_ATTEMPTS: String(budget) });
    for (const name of ["alpha", "beta"] as const) replay.script(down[name], { match: at(name), ...always });
    replay.serve(upstreams["openai-chat"].whole.recording, { match: at("gamma"), ...always });
    const seen = await inParallel(Array.from({ length: 100 }), 10, () => call());
    expect(seen.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    const wasted = replay.requests.filter((request) => !at("gamma")(request)).length;
    expect(wasted).toBeLessThan(60);
  });
});

describe("a time-out", () => {
  const long = "60000";
  const patient = {
    TURNPIKE_CONNECT_TIMEOUT_MS: long,
    TURNPIKE_FIRST_BYTE_TIMEOUT_MS: long,
    TURNPIKE_IDLE_TIMEOUT_MS: long,
    TURNPIKE_TOTAL_TIMEOUT_MS: long,
  };
  const { stream, whole } = upstreams["openai-chat"];
  const head = { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } } as const;
  const endless: Script = function* () {
    yield head;
    yield stream.first;
    for (;;) {
      yield { kind: "wait", ms: 20 };
      yield ": still here\n\n";
    }
  };
  const told = ({ status, error, text }: Seen) => [
    status,
    error?.code,
    error?.message,
    text === "" ? "nothing" : "some",
  ];

  test("of connecting can be set", async () => {
    const full = await startFullServer();
    await start({ ...patient, TURNPIKE_CONNECT_TIMEOUT_MS: "300", TURNPIKE_PROVIDER_ALPHA_BASE_URL: full.url });
    const seen = await call({ models: [] });
    await full.close();
    expect(told(seen)).toEqual([504, "upstream_timeout", expect.stringContaining("not made in time"), "nothing"]);
  });

  test("of the first byte can be set", async () => {
    await start({ ...patient, TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "300" });
    replay.script(() => [head, { kind: "hang" }], always);
    const expected = [504, "upstream_timeout", expect.stringContaining("did not begin"), "nothing"];
    expect(told(await call({ models: [] }))).toEqual(expected);
    expect(told(await call({ models: [], stream: true }))).toEqual(expected);
  });

  test("of silence can be set", async () => {
    await start({ ...patient, TURNPIKE_IDLE_TIMEOUT_MS: "300" });
    replay.script(() => [whole.head, whole.first, { kind: "hang" }], { match: ({ body }) => !body.includes("stream") });
    replay.script(() => [head, stream.first, { kind: "hang" }], always);
    const silent = expect.stringContaining("fell silent");
    expect(told(await call({ models: [] }))).toEqual([504, "upstream_timeout", silent, "nothing"]);
    expect(told(await call({ models: [], stream: true }))).toEqual([200, "upstream_timeout", silent, "some"]);
  });

  test("of the whole call can be set, and holds for all its attempts together", async () => {
    await start({ ...patient, TURNPIKE_TOTAL_TIMEOUT_MS: "700", TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "400" });
    const hanging = replay.script(() => [{ kind: "hang" }], {
      ...always,
      match: ({ body }) => !body.includes("stream"),
    });
    const late = expect.stringContaining("longer than this gateway allows");
    const seen = await call();
    expect(told(seen)).toEqual([504, "upstream_timeout", late, "nothing"]);
    expect(hanging.requests.length).toBe(2);
    const streamed = replay.script(endless);
    const cut = await call({ models: [], stream: true });
    expect(told(cut)).toEqual([200, "upstream_timeout", late, "some"]);
    expect((await streamed.ended).by).toBe("client");
    const { status, usage } = await recordOf(gateway, cut.headers.get("x-request-id"));
    expect([status, usage?.estimated]).toEqual(["cut", true]);
    await expect.poll(async () => (await replay.open()).requests).toBe(0);
  });
});
