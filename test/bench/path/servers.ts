// Servers that a benchmark measures: child processes, what they are sent, and what that cost them, as the operating system counts it.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

const connections = 32;
/** Streams that run at once. */
const streams = 8;
/** Of a jiffy, in which Linux counts a process's CPU time: 10 ms everywhere that matters. */
const jiffyMs = 10;

export interface Server {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  /** The model as this server's callers write it; `openai/gpt-4o` where it is absent. */
  readonly model?: string;
}

export interface Load {
  readonly calls: number;
  readonly stream: boolean;
  readonly path?: string;
  /** Of the request, beside the model and whether it is streamed. */
  readonly body?: Readonly<Record<string, unknown>>;
}

const smallBody = {
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(10) },
    { role: "user", content: "Say something. ".repeat(20) },
  ],
};

/** The request that a server is sent, ready for `undici`. */
export function requestTo({ headers, model }: Server, { stream, path, body }: Omit<Load, "calls">) {
  return {
    method: "POST" as const,
    path: path ?? "/v1/chat/completions",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: model ?? "openai/gpt-4o", stream, ...(body ?? smallBody) }),
  };
}

export interface Loaded {
  /** CPU microseconds that the server spent on each call. */
  readonly cpuUs: number;
  readonly callsPerS: number;
}

/** Calls a server as fast as it answers. @throws Error at the first answer that is not a good one. */
export async function load(server: Server, asked: Load): Promise<number> {
  return (await loaded(server, asked)).cpuUs;
}

export async function loaded(server: Server, asked: Load): Promise<Loaded> {
  const { calls, stream } = asked;
  const pool = new Pool(server.url, { connections });
  const request = requestTo(server, asked);
  const before = cpuMs(server);
  const startedAt = performance.now();
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { statusCode, body: answer } = await pool.request(request);
      const text = await answer.text();
      if (statusCode !== 200 || text.length < 500)
        throw new Error(`${server.name}: ${statusCode} ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: stream ? streams : connections }, worker));
  const elapsedMs = performance.now() - startedAt;
  const cpuUs = ((cpuMs(server) - before) * 1_000) / calls;
  await pool.close();
  return { cpuUs, callsPerS: (1_000 * calls) / elapsedMs };
}

/** Starts a script of this folder, which prints its URL. */
export async function startScript(name: string, env: Record<string, string>): Promise<Server> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.ts`, import.meta.url))], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("http")) return { name, url: line, headers: {}, process: child };
  }
  throw new Error(`${name} did not start`);
}

/** User and system time of a server's processes, milliseconds. */
function cpuMs(server: Server): number {
  return processesOf(server).reduce((sum, pid) => sum + jiffiesOf(pid) * jiffyMs, 0);
}

/** What a server's processes hold in memory, kilobytes; pages that they share are counted in each. */
export function residentKb(server: Server): number {
  return processesOf(server).reduce((sum, pid) => {
    const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return sum + Number(kb ?? 0);
  }, 0);
}

/** Its own and those that it started. */
function processesOf({ process: { pid } }: Server): readonly number[] {
  if (pid === undefined) return [];
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(fieldsOf(Number(name))?.[1]);
    parents.set(Number(name), parent);
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

function jiffiesOf(pid: number): number {
  const fields = fieldsOf(pid);
  return fields === null ? 0 : Number(fields[11]) + Number(fields[12]);
}

/** Of /proc/pid/stat, from the process's state on; null when it has ended. */
function fieldsOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
