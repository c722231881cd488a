// What the whole request path costs: Turnpike with everything on, beside a bare Node proxy, in the same run and interleaved.
// `npm run bench` (builds first). Read the ratios: machines differ, and so does one machine from minute to minute.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { load, type Server, startScript } from "./path/servers.ts";

const rounds = 5;
const callsPerRound = 3_000;
const streamsPerRound = 60;
const chunksPerStream = 200;
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
const upstream = await startScript("upstream", {});
const bare = await startScript("bare-proxy", { UPSTREAM: upstream.url });
const turnpike = await startTurnpike();
const servers = [bare, turnpike];

try {
  const whole = new Map<string, number[]>();
  const chunk = new Map<string, number[]>();
  for (const server of servers) await load(server, { calls: 1_000, stream: false });
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      record(whole, server, await load(server, { calls: callsPerRound, stream: false }));
      record(chunk, server, (await load(server, { calls: streamsPerRound, stream: true })) / chunksPerStream);
    }
  }
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, medians of ${rounds} rounds\n`,
  );
  print("CPU µs per call, not streamed", whole);
  print(`CPU µs per chunk of a stream of ${chunksPerStream}`, chunk);
  for (const server of servers) console.log(`${server.name}: ${residentMb(server)} MB resident after the run`);
} finally {
  for (const { process: child } of [...servers, upstream]) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

function record(into: Map<string, number[]>, server: Server, value: number): void {
  into.set(server.name, [...(into.get(server.name) ?? []), value]);
}

function print(title: string, figures: ReadonlyMap<string, readonly number[]>): void {
  const base = median(figures.get(bare.name) ?? []);
  console.log(title);
  for (const [name, values] of figures) {
    const value = median(values);
    console.log(`  ${name.padEnd(12)} ${value.toFixed(1).padStart(8)}   ${(value / base).toFixed(2)} × ${bare.name}`);
  }
  console.log("");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function residentMb({ process: child }: Server): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1024);
}

async function startTurnpike(): Promise<Server> {
  const child = spawn(process.execPath, [join(here, "..", "..", "bin", "turnpike.js"), "start"], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      TURNPIKE_LOG_LEVEL: "error",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      OPENAI_API_KEY: "sk-bench-00000000",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let url: string | undefined;
  let key: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    key ??= /tp_live_\w+/.exec(line)?.[0];
    url ??= /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (url !== undefined && key !== undefined) {
      return { name: "turnpike", url, headers: { authorization: `Bearer ${key}` }, process: child };
    }
  }
  throw new Error("Turnpike did not start");
}
