// A gateway of several processes for tests: real ones, over real sockets.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import Client from "better-sqlite3";
import type { Script } from "./answers.ts";

const child = new URL("./gateway-child.ts", import.meta.url).pathname;

export interface Crew {
  readonly url: string;
  readonly adminKey: string;
  readonly folder: string;
  readonly keeper: ChildProcess;
  /** Of the workers that live now. */
  workerPids(): number[];
  /** Resolves when this many workers serve. */
  serving(count: number): Promise<void>;
  /** Below `/admin/v1`; throws what it refuses. */
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  newKey(customer: string, policy?: object): Promise<{ readonly id: string; readonly key: string }>;
  /** A chat call to `openai/gpt-4o-mini`. */
  call(key: string, more?: object, init?: RequestInit): Promise<Response>;
  /** Resolves to whether new workers have taken over. */
  reload(): Promise<boolean>;
  /** All rows of the ledger, as the database has them. */
  ledger(): CallRow[];
  /** The same data, another run. */
  restart(): Promise<Crew>;
  close(): Promise<void>;
}

export interface CallRow {
  readonly id: string;
  readonly customer: string;
  readonly outcome: string | null;
  readonly cost_nanos: number | null;
  readonly estimated_input_tokens: number;
  readonly input_tokens: number | null;
}

export interface CrewOptions {
  readonly upstream: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startCrew(options: CrewOptions): Promise<Crew> {
  return run(mkdtempSync(join(tmpdir(), "turnpike-workers-")), "", options);
}

async function run(folder: string, knownAdminKey: string, options: CrewOptions): Promise<Crew> {
  const keeper = spawn(process.execPath, [child], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      TURNPIKE_WORKERS: "2",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "silent",
      TURNPIKE_MAX_RETRY_WAIT_MS: "0",
      TURNPIKE_BREAKERS: "off",
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${options.upstream}/v1`,
      ...options.env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: keeper.stdout });
  const told = (await nextLine(lines, keeper)) as { url: string; adminKey?: string };
  const { url } = told;
  const adminKey = told.adminKey ?? knownAdminKey;

  const admin: Crew["admin"] = async (method, path, body) => {
    const response = await fetch(`${url}/admin/v1${path}`, {
      method,
      // An idle connection would keep a worker that retires.
      headers: {
        authorization: `Bearer ${adminKey}`,
        connection: "close",
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const ended = once(keeper, "exit");
  const end = async (): Promise<void> => {
    if (keeper.exitCode === null && keeper.signalCode === null) keeper.kill("SIGTERM");
    await ended;
  };
  return {
    url,
    adminKey,
    folder,
    keeper,
    workerPids: () => childrenOf(keeper.pid ?? 0),
    async serving(count) {
      const headers = { authorization: `Bearer ${adminKey}`, connection: "close" };
      const own = /^process_start_time_seconds\{worker="\d+"\} /gm;
      for (let found = -1; found !== count; await sleep(50)) {
        // Nobody listens while all of them begin.
        const response = await fetch(`${url}/metrics`, { headers }).catch(() => null);
        found = [...((await response?.text()) ?? "").matchAll(own)].length;
      }
    },
    admin,
    async newKey(customer, policy) {
      const { id, key } = await admin("POST", "/keys", { name: "k", customer, ...(policy && { policy }) });
      return { id: id as string, key: key as string };
    },
    call: (key, more = {}, init = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({
          ...{ model: "openai/gpt-4o-mini", max_tokens: 10 },
          messages: [{ role: "user", content: "Hello" }],
          ...more,
        }),
        ...init,
      }),
    async reload() {
      const done = nextLine(lines, keeper);
      keeper.kill("SIGHUP");
      return ((await done) as { reloaded: boolean }).reloaded;
    },
    ledger() {
      const database = new Client(join(folder, "turnpike.db"), { readonly: true });
      const rows = database.prepare("select * from calls").all() as CallRow[];
      database.close();
      return rows;
    },
    async restart() {
      await end();
      return run(folder, adminKey, options);
    },
    async close() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function nextLine(lines: Interface, { exitCode }: ChildProcess): Promise<unknown> {
  const [line] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
  if (line === undefined) throw new Error(`the gateway ended (${exitCode})`);
  return JSON.parse(line);
}

/** Process ids; none when there are none. */
export function childrenOf(pid: number): number[] {
  try {
    return execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(Number);
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** An answer of ten tokens, after `waitMs`. `promptTokens` is asked at each answer. */
export function answerWith(promptTokens: () => number, waitMs = 30): Script {
  return async function* ({ body }) {
    const { stream } = JSON.parse(body) as { stream?: boolean };
    const input = promptTokens();
    const usage = { prompt_tokens: input, completion_tokens: 10, total_tokens: input + 10 };
    const base = { id: "c", created: 1, model: "gpt-4o-mini" };
    const type = stream ? "text/event-stream" : "application/json";
    yield { kind: "head", status: 200, headers: { "content-type": type } };
    yield { kind: "wait", ms: waitMs };
    if (!stream) {
      const message = { role: "assistant", content: "Hi" };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      yield JSON.stringify({ ...base, object: "chat.completion", choices, usage });
      return;
    }
    const frame = (more: object) =>
      `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...more })}\n\n`;
    yield frame({ choices: [{ index: 0, delta: { role: "assistant", content: "Hi" }, finish_reason: null }] });
    yield { kind: "wait", ms: waitMs };
    yield frame({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    yield `${frame({ choices: [], usage })}data: [DONE]\n\n`;
  };
}

const nanosPerUsd = 1_000_000_000n;

export function nanosOf(usd: string): bigint {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole) * nanosPerUsd + BigInt(fraction.padEnd(9, "0"));
}

export function usdOf(nanos: bigint): string {
  return `${nanos / nanosPerUsd}.${(nanos % nanosPerUsd).toString().padStart(9, "0")}`;
}

/** What one call reserves, in nanodollars: told by the refusal of a budget of nothing. */
export async function reservationOf(crew: Crew, more: object = {}): Promise<bigint> {
  const { key } = await crew.newKey("probe", { budget: { usd: "0" } });
  const { error } = (await (await crew.call(key, more)).json()) as { error: { message: string } };
  return nanosOf(/may cost \$([\d.]+)/.exec(error.message)?.[1] ?? "");
}

/** A prompt of so many tokens costs, with the ten of the answer, just what was reserved (gpt-4o-mini: 0.15 and 0.60 USD a million). */
export function promptTokensFor(reserved: bigint): number {
  return Number((reserved - 10n * 600n) / 150n);
}
