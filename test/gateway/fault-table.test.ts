// The fault table: what every kind of client sees of every way in which a provider fails, at every stage of its answer; what
// the ledger then says; and that nothing is left behind.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, refusedUrl, startReplay } from "../support/replay.ts";
import { casesOf, inParallel, isSlow, play, type Result, serveStandby } from "./faults/cases.ts";
import { expectedOf, summaryOf, verdictOf } from "./faults/judge.ts";
import { type Fault, faults } from "./faults/table.ts";
import { type FullServer, startFullServer } from "./faults/unreachable.ts";

let replay: Replay;
let full: FullServer;
/** One whose time-outs are short, for upstreams that take their time; and one that a busy machine can't make miss any. */
let hasty: Gateway;
let patient: Gateway;
let results: readonly Result[];
const astray: unknown[] = [];
const strayed = (error: unknown) => astray.push(error);

beforeAll(async () => {
  process.on("unhandledRejection", strayed).on("uncaughtException", strayed);
  replay = await startReplay();
  full = await startFullServer();
  const env = {
    OPENAI_API_KEY: "sk-test-openai-0123456789",
    OPENAI_BASE_URL: `${replay.url}/openai/v1`,
    ANTHROPIC_API_KEY: "sk-ant-test-0123456789",
    ANTHROPIC_BASE_URL: `${replay.url}/anthropic`,
    GEMINI_API_KEY: "test-gemini-0123456789",
    GOOGLE_BASE_URL: `${replay.url}/google`,
    GROQ_API_KEY: "gsk-test-0123456789",
    GROQ_BASE_URL: `${replay.url}/groq`,
    TURNPIKE_PROVIDER_REFUSED_BASE_URL: `${await refusedUrl()}/v1`,
    TURNPIKE_PROVIDER_NOHOST_BASE_URL: "http://nobody.invalid/v1",
    TURNPIKE_PROVIDER_PLAIN_BASE_URL: `https://${new URL(replay.url).host}/v1`,
    TURNPIKE_PROVIDER_FULL_BASE_URL: `${full.url}/v1`,
  };
  patient = await startGateway({ env });
  hasty = await startGateway({
    env: {
      ...env,
      TURNPIKE_CONNECT_TIMEOUT_MS: "2000",
      TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "4000",
      TURNPIKE_IDLE_TIMEOUT_MS: "2000",
    },
  });
  serveStandby(replay);
  const cases = casesOf(faults);
  const slow = await inParallel(cases.filter(isSlow), 48, (one) => play(hasty, replay, one), 30);
  const quick = await inParallel(
    cases.filter((one) => !isSlow(one)),
    8,
    (one) => play(patient, replay, one),
  );
  results = [...slow, ...quick];
}, 180_000);

afterAll(async () => {
  console.log(summaryOf(results));
  await Promise.all([hasty.close(), patient.close()]);
  await replay.close();
  await full.close();
  process.off("unhandledRejection", strayed).off("uncaughtException", strayed);
});

describe("a provider's failure", () => {
  test.each(faults.map((fault) => [sentence(fault), fault] as const))("%s", (_sentence, fault) => {
    const mine = results.filter(({ of }) => of.fault === fault);
    expect(mine.map(verdictOf)).toEqual(mine.map(({ of }) => expectedOf(of)));
  });
});

describe("after all failures", () => {
  test("each call is settled once, and the bill is the sum of what was served", async () => {
    const bills = await Promise.all(
      [hasty, patient].map(async ({ url, adminKey }) => {
        const headers = { authorization: `Bearer ${adminKey}` };
        const response = await fetch(`${url}/admin/v1/usage?group_by=provider`, { headers });
        return (await response.json()) as { data: Readonly<Record<string, number>>[] };
      }),
    );
    const rows = bills.flatMap(({ data }) => data);
    const billed = (column: string): number => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0);
    const served = results.flatMap(({ record }) => (record.usage === null ? [] : [record.usage]));
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    expect({
      requests: billed("requests"),
      input: billed("input_tokens"),
      output: billed("output_tokens"),
    }).toEqual({
      requests: results.length,
      input: sum(served.map(({ input_tokens }) => input_tokens)),
      output: sum(served.map(({ output_tokens }) => output_tokens)),
    });
  });

  test("no request to a provider is left running, and no connection open", async () => {
    await expect.poll(() => replay.open(), { timeout: 20_000, interval: 100 }).toEqual({ connections: 0, requests: 0 });
  });

  test("nothing was thrown that nobody caught", () => {
    expect(astray).toEqual([]);
  });
});

function sentence({ name, stage, mode, outcome }: Fault): string {
  const where = `${name} ${stage} (${mode})`;
  switch (outcome.kind) {
    case "answered":
      return `${where}: the client gets the whole answer`;
    case "cut":
      return `${where}: the stream ends with ${outcome.code}`;
    case "fails":
      if (outcome.everywhere) return `${where}: the client is told ${outcome.status} ${outcome.code} at once`;
      return `${where}: unseen while another deployment is left, else ${outcome.status} ${outcome.code}`;
  }
}
