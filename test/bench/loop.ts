// How long one heavy thing holds up everybody else: the longest stall of the event loop while a gentle load runs beside it, for calls
// beside that of the bare proxy that parses: `node test/bench/loop.ts calls|reads [part of a name]`. Reads are of a database of
// BENCH_CALLS calls (a million by default), which takes a minute to make; in BENCH_FOLDER it is kept for the next time.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { heavyCalls } from "./loop/heavy.ts";
import { reads } from "./loop/reads.ts";
import { seed } from "./loop/seed.ts";
import { startUpstream } from "./loop/upstream.ts";
import { bareProxy, gateway, stallOf, stopped, type Watched, type WatchedGateway } from "./loop/watched.ts";
import { median } from "./path/report.ts";

const [what = "calls", wanted = ""] = process.argv.slice(2);
const rounds = 3;

const kept = process.env.BENCH_FOLDER;
if (kept !== undefined) mkdirSync(kept, { recursive: true });
const folder = kept ?? mkdtempSync(join(tmpdir(), "turnpike-loop-"));
const upstream = await startUpstream();
try {
  if (what === "reads") await watchReads();
  else await watchCalls();
} finally {
  upstream.close();
  if (kept === undefined) rmSync(folder, { recursive: true });
}

async function watchCalls(): Promise<void> {
  const ours = await gateway(upstream.url, folder);
  const bare = await bareProxy(upstream.url);
  await amidCalls([ours, bare], async () => {
    told("", ["CPU", "wall", "bare CPU"], "");
    for (const heavy of heavyCalls().filter(({ name }) => name.includes(wanted))) {
      upstream.say(heavy.saying);
      const { stalls, answer } = await watched(heavy.bare ? [ours, bare] : [ours], (one) =>
        asked(one.url + heavy.path, { method: "POST", headers: one.headers, body: heavy.body }),
      );
      told(heavy.name, [stalls[0]?.cpuMs, stalls[0]?.wallMs, stalls[1]?.cpuMs], answer);
    }
  });
}

async function watchReads(): Promise<void> {
  if (!existsSync(join(folder, "turnpike.db"))) {
    const calls = Number(process.env.BENCH_CALLS ?? 1_000_000);
    await seed(folder, { calls, keys: 10_000, auditEntries: 20_000, promptLogs: 5_000 });
  }
  const ours = await gateway(upstream.url, folder, {
    ...(process.env.BENCH_RETENTION_DAYS && { TURNPIKE_RETENTION_DAYS: process.env.BENCH_RETENTION_DAYS }),
  });
  await amidCalls([ours], async () => {
    told("", ["CPU", "wall"], "");
    const { cpuMs, wallMs } = await stallOf(ours);
    told("what is swept after a start", [cpuMs, wallMs], "");
    for (const [name, at] of reads.filter(([each]) => each.includes(wanted))) {
      const { stalls, answer } = await watched([ours], (one) => asked(one.url + at, { headers: one.adminHeaders }));
      told(name, [stalls[0]?.cpuMs, stalls[0]?.wallMs], answer);
    }
  });
}

/** Works while each of them has a gentle load, and stops them then. */
async function amidCalls(servers: readonly (Watched | WatchedGateway)[], work: () => Promise<void>): Promise<void> {
  let goesOn = true;
  const gentle = Promise.all(servers.map((one) => gently(one, () => goesOn)));
  try {
    // What a start takes is no stall: nobody is served yet.
    for (const one of servers) await stallOf(one);
    await sleep(5_000);
    await work();
  } finally {
    goesOn = false;
    await gentle;
    await Promise.all(servers.map(stopped));
  }
}

/** The medians of the stalls of some rounds, interleaved, and what the first one answered at last. */
async function watched<One extends Watched>(servers: readonly One[], ask: (one: One) => Promise<string>) {
  const seen = servers.map((): { cpu: number[]; wall: number[] } => ({ cpu: [], wall: [] }));
  let answer = "";
  for (let round = 0; round < rounds; round++) {
    for (const [at, one] of servers.entries()) {
      await stallOf(one);
      const said = await ask(one);
      // What is counted, sealed or logged comes after the answer.
      await sleep(150);
      const { cpuMs, wallMs } = await stallOf(one);
      seen[at]?.cpu.push(cpuMs);
      seen[at]?.wall.push(wallMs);
      if (at === 0) answer = said;
    }
  }
  return { stalls: seen.map(({ cpu, wall }) => ({ cpuMs: median(cpu), wallMs: median(wall) })), answer };
}

/** Asks once and reads all of the answer; how it was answered, and in what time. */
async function asked(url: string, request: RequestInit): Promise<string> {
  const startedAt = performance.now();
  try {
    const answer = await fetch(url, request);
    const bytes = await answer.arrayBuffer();
    if (!answer.ok) return `${answer.status} ${Buffer.from(bytes.slice(0, 160)).toString()}`;
    return `${answer.status} ${bytes.byteLength} bytes, ${(performance.now() - startedAt).toFixed(0)} ms`;
  } catch (error) {
    return `${error} ${(error as { readonly cause?: unknown }).cause}`;
  }
}

/** A stream after another, and small calls beside them. */
async function gently(one: Watched, goesOn: () => boolean): Promise<void> {
  const body = (stream: boolean): string =>
    JSON.stringify({ model: "openai/gpt-4o", stream, messages: [{ role: "user", content: "[gentle]" }] });
  const again = async (stream: boolean): Promise<void> => {
    while (goesOn()) {
      await asked(`${one.url}/v1/chat/completions`, { method: "POST", headers: one.headers, body: body(stream) });
      await sleep(10);
    }
  };
  await Promise.all([again(true), again(false)]);
}

/** A line of the table: milliseconds. */
function told(name: string, values: readonly (number | string | undefined)[], answer: string): void {
  const shown = values.map((value) => (typeof value === "number" ? value.toFixed(1) : (value ?? "–")).padStart(9));
  console.log(`${name.padEnd(54)}${shown.join("")}   ${answer}`);
}
