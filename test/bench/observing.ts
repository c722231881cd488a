// What counting costs a call: the watch at its arrival, and the metrics at its beginning and settlement. `node test/bench/observing.ts`
import { createCallWatch } from "../../src/observe/call-watch.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { createNetworkWatch } from "../../src/observe/networks.ts";
import { createRefusalCounter } from "../../src/observe/refusals.ts";
import { createCallMetrics } from "../../src/usage/call-metrics.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const metrics = createMetrics();
const calls = createCallMetrics(metrics);
const watch = createCallWatch({
  refusals: createRefusalCounter({ add: async () => {} }),
  networks: createNetworkWatch({ nameOf: (address) => address, note: async () => {} }),
  refused: metrics.counter("refused", "", ["code"]),
  now: Date.now,
});
const key = { id: "key_01k8z3v9qe4m7x2n5r6t8w0yab", customer: "acme", project: "shop" };
const [open, settled] = [sampleCall(), sampleSettlement()];

function once(at: number): void {
  const request = {};
  watch.shows(request, key);
  watch.admits(key, "203.0.113.7");
  const id = `req_${at}`;
  calls.opened({ ...open, id });
  calls.settled({ ...settled, id });
}

const rounds = 200_000;
for (let at = 0; at < rounds; at++) once(at);
const before = process.cpuUsage();
for (let at = 0; at < rounds; at++) once(at);
const { user, system } = process.cpuUsage(before);
console.log(`${((user + system) / rounds).toFixed(2)} µs of CPU a call`);
