// Servers that a benchmark measures: child processes, what they are sent, and the CPU time that it cost them.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

const connections = 32;
/** Of a jiffy, in which Linux counts a process's CPU time: 10 ms everywhere that matters. */
const jiffyMs = 10;

export interface Server {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
}

/** CPU microseconds that the server spent on each call. */
export async function load(server: Server, { calls, stream }: { calls: number; stream: boolean }): Promise<number> {
  const pool = new Pool(server.url, { connections });
  const body = JSON.stringify({
    model: "openai/gpt-4o",
    stream,
    messages: [
      { role: "system", content: "You are a helpful assistant. ".repeat(10) },
      { role: "user", content: "Say something. ".repeat(20) },
    ],
  });
  const before = cpuMs(server);
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path: "/v1/chat/completions",
        headers: { "content-type": "application/json", ...server.headers },
        body,
      });
      const text = await answer.text();
      if (statusCode !== 200 || text.length < 500)
        throw new Error(`${server.name}: ${statusCode} ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: stream ? 8 : connections }, worker));
  await pool.close();
  return ((cpuMs(server) - before) * 1_000) / calls;
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

/** User and system time of a process, from the operating system. */
function cpuMs({ process: child }: Server): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * jiffyMs;
}
