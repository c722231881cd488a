// One process beside several: CPU per call and calls a second, for a key of which nothing is counted and for one with limits and
// a budget. `npm run build && node test/bench/workers.ts [workers] [rounds]`. Where load, upstream and gateway share few cores, CPU
// per call is what scaling can be told by: calls a second end where the machine does. The keeper is one process however many workers
// there are, so what a worker spends on a call for each microsecond of the keeper's is how many workers it can keep busy.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { announced, startTurnpike } from "./path/peers.ts";
import { median } from "./path/report.ts";
import { type Loaded, loaded, type Server, startScript } from "./path/servers.ts";

const workers = Number(process.argv[2] ?? 2);
const rounds = Number(process.argv[3] ?? 5);
const calls = 3_000;

const limited = {
  limits: [
    { requests: 1_000_000_000, per: "minute" },
    { tokens: 1_000_000_000_000, per: "minute" },
  ],
  budget: { usd: "100000000", per: "month" },
};

const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-workers-"));
const upstream = await startScript("upstream", {});

async function start(count: number): Promise<readonly Server[]> {
  const child = startTurnpike(upstream.url, mkdtempSync(join(folder, "turnpike-")), {
    TURNPIKE_WORKERS: String(count),
  });
  const { url, admin } = await announced(child);
  const serverFor = async (kind: string, policy: object): Promise<Server> => {
    const created = await fetch(`${url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "bench", customer: "bench", project: "bench", policy }),
    });
    const { key } = (await created.json()) as { readonly key: string };
    const name = `${count === 1 ? "one process" : `${count} workers`}, ${kind}`;
    return { name, url, headers: { authorization: `Bearer ${key}` }, process: child };
  };
  return [await serverFor("no limits", {}), await serverFor("limits", limited)];
}

const servers = [...(await start(1)), ...(await start(workers))];
/** `keeperUs`: what the first process spent on each call; with one process, all of it. */
const figures = new Map<Server, (Loaded & { keeperUs: number })[]>(servers.map((server) => [server, []]));
try {
  for (const server of servers) await loaded(server, { calls: 1_000, stream: false });
  for (let round = 0; round < rounds; round++) {
    for (const [server, of] of figures) {
      const before = firstProcessUs(server);
      const one = await loaded(server, { calls, stream: false });
      of.push({ ...one, keeperUs: (firstProcessUs(server) - before) / calls });
    }
  }
} finally {
  const children = new Set([...servers, upstream].map((server) => server.process));
  const ended = [...children].map((child) => once(child, "exit"));
  for (const child of children) child.kill();
  await Promise.all(ended);
}

const medians = servers.map((server) => {
  const of = figures.get(server) ?? [];
  return {
    server,
    cpuUs: median(of.map((one) => one.cpuUs)),
    keeperUs: median(of.map((one) => one.keeperUs)),
    perS: median(of.map((one) => one.callsPerS)),
  };
});
console.log(`${availableParallelism()} cores, medians of ${rounds} rounds of ${calls} calls, 32 at a time`);
for (const [at, { server, cpuUs, keeperUs, perS }] of medians.entries()) {
  const base = medians[at % 2];
  const ratio = base === undefined ? 1 : cpuUs / base.cpuUs;
  const rate = base === undefined ? 1 : perS / base.perS;
  const apart =
    at < 2
      ? ""
      : `: workers ${(cpuUs - keeperUs).toFixed(0)}, keeper ${keeperUs.toFixed(0)} (1/${(cpuUs / keeperUs - 1).toFixed(1)})`;
  console.log(
    `${server.name.padEnd(24)} ${cpuUs.toFixed(0).padStart(6)} µs a call (${ratio.toFixed(2)}×)${apart.padEnd(36)}` +
      `${perS.toFixed(0).padStart(8)} calls/s (${rate.toFixed(2)}×)`,
  );
}
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

/** CPU time of the process that was started, without those that it started, microseconds. */
function firstProcessUs({ process: { pid } }: Server): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
