// `node test/bench/router/run.ts [calls]`: the router beside other strategies and an oracle, in one simulated world.
import { reaction, report } from "./report.ts";
import { simulate } from "./simulate.ts";
import { cheapest, lowestLatency, oracle, randomly, roundRobin, turnpike } from "./strategies.ts";

const options = { calls: Number(process.argv[2] ?? 100_000), perSecond: 20, seed: 7 };
const known = simulate(oracle, options);
const strategies = {
  oracle,
  "Turnpike balanced": turnpike(11),
  "round robin": roundRobin(),
  random: randomly(13),
  "static cheapest": cheapest,
  "lowest recent latency": lowestLatency(),
};
const rows: Record<string, Record<string, string | number>> = {};
for (const [name, make] of Object.entries(strategies)) {
  const results = name === "oracle" ? known : simulate(make, options);
  const told = report(results, known);
  rows[name] = {
    success: `${(100 * told.successShare).toFixed(3)} %`,
    "cost, µ$": (told.meanCostNanos / 1000).toFixed(1),
    "TTFT p50": Math.round(told.ttftP50Ms),
    "TTFT p99": Math.round(told.ttftP99Ms),
    "time, ms": Math.round(told.meanTimeMs),
    attempts: told.attemptsPerCall.toFixed(3),
    "cost × p50": (told.costTimesLatency / report(known, known).costTimesLatency).toFixed(3),
    regret: `${(100 * told.regret).toFixed(1)} %`,
  };
  if (name !== "Turnpike balanced") continue;
  const minute = 60_000;
  for (const [what, window] of Object.entries({
    "refused from minute 15": { site: "outage", fromMs: 15 * minute, toMs: 20 * minute },
    "silent from minute 50": { site: "outage", fromMs: 50 * minute, toMs: 54 * minute },
  })) {
    const { calls, ms } = reaction(results, window);
    console.log(`${what}: still asked first by ${calls} calls, for ${Math.round(ms)} ms`);
  }
  const sites = new Map<string, number>();
  for (const { site } of results) sites.set(site ?? "none", (sites.get(site ?? "none") ?? 0) + 1);
  console.log("answered by", Object.fromEntries(sites));
}
console.table(rows);
