// What the last look at a line of the log costs: `node test/bench/log.ts`.
import { createKnownSecrets } from "../../src/observe/log-known.ts";
import { scrubLine } from "../../src/observe/log-scrub.ts";

const lines: Readonly<Record<string, string>> = {
  "an event": JSON.stringify({
    level: 30,
    time: "2026-11-24T12:00:00.000Z",
    msg: "a provider takes its credential again",
    credential: "provider#2",
  }),
  "an error with its stack": JSON.stringify({
    level: 50,
    time: "2026-11-24T12:00:00.000Z",
    call: "req_0123456789abcdef0123456789abcd",
    name: "Error",
    message: "connect ECONNREFUSED 127.0.0.1:443",
    stack: new Error("connect ECONNREFUSED 127.0.0.1:443").stack,
    msg: "call failed inside the gateway",
  }),
  "a secret": JSON.stringify({ level: 50, msg: `refused: ${"sk-proj-"}${"aB3".repeat(40)}`, why: "x".repeat(200) }),
};
const random = (length: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("base64url");

for (const count of [0, 20, 1_000]) {
  const known = createKnownSecrets();
  const made = Array.from({ length: count }, () => random(60));
  const before = process.cpuUsage();
  for (const secret of made) known.add(secret);
  if (count > 0) {
    console.log(`${count} known secrets, ${(process.cpuUsage(before).user / count).toFixed(0)} µs to learn each`);
  }
  for (const [name, line] of Object.entries(lines)) {
    for (let warm = 0; warm < 2_000; warm++) scrubLine(line, known);
    const started = process.cpuUsage();
    const runs = 10_000;
    for (let run = 0; run < runs; run++) scrubLine(line, known);
    const { user, system } = process.cpuUsage(started);
    const microseconds = (user + system) / runs;
    console.log(`  ${name} (${line.length} characters): ${microseconds.toFixed(1)} µs`);
  }
}
