// kill -9 under load, over real sockets and real processes: the ledger afterwards equals what the upstream served, call by call.
// TURNPIKE_TEST_KILLS sets how often; 50 take some minutes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import Client from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Script } from "../support/answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const kills = Number(process.env.TURNPIKE_TEST_KILLS ?? 6);
const atOnce = 12;
const child = new URL("../support/gateway-child.ts", import.meta.url).pathname;

interface Row {
  readonly estimated_input_tokens: number;
  readonly outcome: string;
  readonly provider: string;
  readonly canonical_model: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly estimated: number;
  readonly cost_nanos: number;
}

interface Serving {
  readonly url: string;
  readonly key: string;
  readonly process: ChildProcess;
}

let replay: Replay;
let folder: string;

beforeAll(async () => {
  replay = await startReplay();
  folder = mkdtempSync(join(tmpdir(), "turnpike-kill-"));
});

afterAll(async () => {
  await replay.close();
  rmSync(folder, { recursive: true });
});

/** What each call is known by: the gateway's estimate of its prompt, in tokens of four characters, of which no two have as many. */
const promptOf = (call: number): string => "word".repeat(call);

/** The upstream's own record: what it was asked by each call, and how much it said that it was. */
const served = new Map<number, number>();

const answer: Script = async function* (request) {
  const { stream, messages } = JSON.parse(request.body) as { stream?: boolean; messages: { content: string }[] };
  const call = (messages[0]?.content.length ?? 0) / 4;
  served.set(call, (served.get(call) ?? 0) + 1);
  const usage = { prompt_tokens: 100_000 + call, completion_tokens: 10, total_tokens: 100_010 + call };
  const base = { id: "c", created: 1, model: "gpt-4o-mini" };
  yield { kind: "head", status: 200, headers: { "content-type": stream ? "text/event-stream" : "application/json" } };
  yield { kind: "wait", ms: (call * 7) % 40 };
  if (!stream) {
    const message = { role: "assistant", content: "Hi" };
    yield JSON.stringify({
      ...{ ...base, object: "chat.completion", usage },
      choices: [{ index: 0, message, finish_reason: "stop" }],
    });
    return;
  }
  const frame = (more: object) => `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...more })}\n\n`;
  yield frame({ choices: [{ index: 0, delta: { role: "assistant", content: "Hi" }, finish_reason: null }] });
  yield { kind: "wait", ms: (call * 3) % 20 };
  yield frame({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  yield `${frame({ choices: [], usage })}data: [DONE]\n\n`;
};

async function startChild(key: string): Promise<Serving> {
  const running = spawn(process.execPath, [child], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "error",
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${replay.url}/v1`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: running.stdout })) {
    const told = JSON.parse(line) as { url: string; key?: string };
    return { url: told.url, key: told.key ?? key, process: running };
  }
  throw new Error("the gateway did not start");
}

/** Whether the client saw the whole answer. */
async function wasAnswered(call: number, { url, key }: Serving): Promise<boolean> {
  try {
    const stream = call % 2 === 0;
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        ...{ model: "openai/gpt-4o-mini", max_tokens: 10, stream },
        messages: [{ role: "user", content: promptOf(call) }],
      }),
    });
    const text = await response.text();
    return response.status === 200 && text.includes(stream ? "data: [DONE]" : '"usage"');
  } catch {
    return false;
  }
}

function readLedger(): Row[] {
  const database = new Client(join(folder, "turnpike.db"), { readonly: true });
  const rows = database.prepare("select * from calls").all() as Row[];
  database.close();
  return rows;
}

describe(`a gateway that is killed ${kills} times under load`, () => {
  test("has in its ledger what the upstream served, call by call: none missing, none twice", async () => {
    replay.script(answer, { times: Number.POSITIVE_INFINITY });
    const answered = new Set<number>();
    let key = "";
    let lastCall = 0;
    for (let run = 0; run < kills; run += 1) {
      const serving = await startChild(key);
      key = serving.key;
      const exited = once(serving.process, "exit");
      let killed = false;
      const client = async (): Promise<void> => {
        while (!killed) {
          lastCall += 1;
          const call = lastCall;
          if (await wasAnswered(call, serving)) answered.add(call);
        }
      };
      const clients = Array.from({ length: atOnce }, client);
      // At another moment of the load each time.
      await sleep(700 + ((run * 37) % 150));
      serving.process.kill("SIGKILL");
      killed = true;
      expect(await exited).toEqual([null, "SIGKILL"]);
      await Promise.all(clients);
    }
    const last = await startChild(key);
    const stopped = once(last.process, "exit");
    last.process.kill("SIGKILL");
    await stopped;

    const ledger = readLedger();
    const byCall = Map.groupBy(ledger, (row) => callOf(row));
    expect(
      [...served.values()].filter((times) => times !== 1),
      "asked of the upstream more than once",
    ).toEqual([]);
    expect(
      [...byCall.values()].filter((rows) => rows.length !== 1),
      "in the ledger twice",
    ).toEqual([]);
    expect(
      [...served.keys()].filter((call) => !byCall.has(call)),
      "served and not in the ledger",
    ).toEqual([]);
    expect(answered.size, "calls that were answered in full").toBeGreaterThan(kills * atOnce);
    for (const row of ledger) {
      const call = callOf(row);
      if (answered.has(call)) expect(row.outcome, `call ${call} was answered`).toBe("completed");
      expect(row).toMatchObject({ provider: "openai", canonical_model: "openai/gpt-4o-mini" });
      // gpt-4o-mini: 0.15 and 0.60 USD per million tokens.
      if (row.outcome === "completed") {
        expect(row).toMatchObject({ input_tokens: 100_000 + call, output_tokens: 10, estimated: 0 });
        expect(row.cost_nanos).toBe((100_000 + call) * 150 + 10 * 600);
      } else {
        expect(row).toMatchObject({ outcome: "interrupted", input_tokens: row.estimated_input_tokens, estimated: 1 });
        expect(row.cost_nanos).toBe(row.estimated_input_tokens * 150);
      }
    }
    expect(
      ledger.some(({ outcome }) => outcome === "interrupted"),
      "calls were cut by the kills",
    ).toBe(true);
  }, 600_000);
});

/** The estimate is a token for every four characters. */
function callOf({ estimated_input_tokens: tokens }: Row): number {
  return tokens;
}
