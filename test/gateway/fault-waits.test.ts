// How long a provider that refuses for its rate asks to wait, in every form that it says so: what the client is told of it, and
// how long the gateway waits before it asks again.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received, Step } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { recordOf } from "./faults/cases.ts";
import { ask } from "./faults/clients.ts";
import { type UpstreamDialect, upstreams } from "./faults/upstreams.ts";

interface Form {
  readonly upstream?: UpstreamDialect;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What is asked for; null when nothing is. */
  readonly waitMs: number | null;
}

const at = Date.parse("2026-01-15T10:00:00Z");
const date = { date: new Date(at).toUTCString() };
const rfc = (ms: number): string => new Date(at + ms).toISOString();
const http = (ms: number): string => new Date(at + ms).toUTCString();
const says = (message: string) => ({ error: { message, type: "rate_limit_error", code: "rate_limit_exceeded" } });
const google = (retryDelay: string, message: string) => ({
  error: {
    code: 429,
    message,
    status: "RESOURCE_EXHAUSTED",
    details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }],
  },
});

/** Longer than anyone waits. */
const long: Readonly<Record<string, Form>> = {
  "seconds in retry-after": { headers: { "retry-after": "7" }, waitMs: 7_000 },
  "a fraction of seconds": { headers: { "retry-after": "2.5" }, waitMs: 2_500 },
  "a date in retry-after": { headers: { ...date, "retry-after": http(9_000) }, waitMs: 9_000 },
  "retry-after-ms, which is more exact": { headers: { "retry-after-ms": "6400", "retry-after": "7" }, waitMs: 6_400 },
  "retry-after where retry-after-ms is 0": { headers: { "retry-after-ms": "0", "retry-after": "5" }, waitMs: 5_000 },
  "the reset of the requests that are used up": {
    headers: { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m1.5s" },
    waitMs: 361_500,
  },
  "the longer of two resets": {
    headers: {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "12s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "20s",
    },
    waitMs: 20_000,
  },
  "no reset of what is not used up": {
    headers: { "x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "12s" },
    waitMs: null,
  },
  "a moment in epoch milliseconds": {
    headers: { ...date, "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(at + 8_000) },
    waitMs: 8_000,
  },
  "a moment as Anthropic writes it": {
    upstream: "anthropic-messages",
    headers: {
      ...date,
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": rfc(14_000),
    },
    body: { type: "error", error: { type: "rate_limit_error", message: "slow down" } },
    waitMs: 14_000,
  },
  "Gemini's RetryInfo": { upstream: "gemini", body: google("37s", "Quota exceeded."), waitMs: 37_000 },
  "Gemini's words, which are more exact": {
    upstream: "gemini",
    body: google("48s", "Quota exceeded. Please retry in 48.939935699s."),
    waitMs: 48_940,
  },
  "OpenAI's words": { body: says("Rate limit reached. Please try again in 3.89s."), waitMs: 3_890 },
  "Azure's words": { body: says("Please retry after 26 seconds."), waitMs: 26_000 },
  "nothing at all": { waitMs: null },
  "what is no time": { headers: { "retry-after": "-1", "retry-after-ms": "soon" }, waitMs: null },
};

/** Short enough to be waited for. */
const short: Readonly<Record<string, Form>> = {
  "seconds in retry-after": { headers: { "retry-after": "1" }, waitMs: 1_000 },
  "a date in retry-after": { headers: { ...date, "retry-after": http(1_000) }, waitMs: 1_000 },
  "retry-after-ms": { headers: { "retry-after-ms": "350" }, waitMs: 350 },
  "a reset": { headers: { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "450ms" }, waitMs: 450 },
  "a moment as Anthropic writes it": {
    upstream: "anthropic-messages",
    headers: { ...date, "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": rfc(800) },
    body: { type: "error", error: { type: "rate_limit_error", message: "slow down" } },
    waitMs: 800,
  },
  "Gemini's RetryInfo": { upstream: "gemini", body: google("0.7s", "Quota exceeded."), waitMs: 700 },
  "OpenAI's words": { body: says("Please try again in 620ms."), waitMs: 620 },
};

const models: Partial<Record<UpstreamDialect, string>> = {
  "anthropic-messages": "anthropic/claude-sonnet-4-5",
  gemini: "google/gemini-2.5-flash",
};

let replay: Replay;
const gateways: Gateway[] = [];

beforeAll(async () => {
  replay = await startReplay();
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await replay.close();
});

/** A gateway with a server of its own for each form, so that none is left alone for what another one said. */
async function start(count: number, env: Record<string, string>): Promise<Gateway> {
  const servers = Array.from({ length: count }, (_, at) => [
    `TURNPIKE_PROVIDER_S${at}_BASE_URL`,
    `${replay.url}/s${at}`,
  ]);
  const gateway = await startGateway({
    env: {
      ...Object.fromEntries(servers),
      ANTHROPIC_API_KEY: "sk-ant-test-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      GEMINI_API_KEY: "test-gemini-0123456789",
      GOOGLE_BASE_URL: replay.url,
      ...env,
    },
  });
  gateways.push(gateway);
  return gateway;
}

function refusal({ headers = {}, body = says("Too many requests.") }: Form): readonly (Step | string)[] {
  const head: Step = { kind: "head", status: 429, headers: { "content-type": "application/json", ...headers } };
  return [head, JSON.stringify(body)];
}

const question = (form: Form, place: number, id: string) => ({
  model: models[form.upstream ?? "openai-chat"] ?? `s${place}/m`,
  models: [],
  stream: false,
  prompt: id,
});

test("every form in which a provider asks to wait is told to the client", async () => {
  const gateway = await start(Object.keys(long).length, {});
  const told = await Promise.all(
    Object.entries(long).map(async ([name, form], place) => {
      replay.script(() => refusal(form), { match: ({ body }) => body.includes(`"long ${name}"`) });
      const { status, headers } = await ask(gateway, "openai-chat", question(form, place, `long ${name}`));
      return [name, status, headers.get("retry-after"), headers.get("retry-after-ms")];
    }),
  );
  const expected = Object.entries(long).map(([name, { waitMs }]) => {
    return [
      name,
      429,
      waitMs === null ? null : String(Math.ceil(waitMs / 1000)),
      waitMs === null ? null : String(waitMs),
    ];
  });
  expect(told).toEqual(expected);
});

describe("a wait that is short", () => {
  test("is waited for in every form, and the client notices nothing", async () => {
    const gateway = await start(Object.keys(short).length, {
      TURNPIKE_BREAKERS: "on",
      TURNPIKE_MAX_RETRY_WAIT_MS: "2000",
    });
    const seen = await Promise.all(
      Object.entries(short).map(async ([name, form], place) => {
        const mine = ({ body }: Received): boolean => body.includes(`"short ${name}"`);
        const first = replay.script(() => refusal(form), { match: mine });
        const second = replay.serve(upstreams[form.upstream ?? "openai-chat"].whole.recording, { match: mine });
        const { status, headers } = await ask(gateway, "openai-chat", question(form, place, `short ${name}`));
        const { attempts } = await recordOf(gateway, headers.get("x-request-id"));
        const waitedMs = (await second.received).atMs - (await first.received).atMs;
        // The two clocks that are compared tick in whole milliseconds.
        const longEnough = waitedMs >= (form.waitMs ?? 0) - 2;
        return [name, status, attempts.map(({ result }) => result), longEnough];
      }),
    );
    expect(seen).toEqual(Object.keys(short).map((name) => [name, 200, ["rate_limit", "ok"], true]));
  });
});
