// A worker that hangs: it holds up nobody, and is killed and replaced.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import { answerWith, type Crew, isAlive, startCrew } from "../support/workers.ts";

let replay: Replay;
let crew: Crew;

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url, env: { TURNPIKE_WORKER_SILENCE_MS: "4000" } });
  replay.script(
    answerWith(() => 5, 1),
    { times: Number.POSITIVE_INFINITY },
  );
}, 180_000);

afterAll(async () => {
  await crew.close();
  await replay.close();
});

const headersOf = (key: string) => ({
  authorization: `Bearer ${key}`,
  "content-type": "application/json",
  connection: "close",
});

test("a worker that does not answer is killed and replaced, and the connection it had not taken is served by another one", async () => {
  const { key } = await crew.newKey("patient", { budget: { usd: "1" } });
  const [hung = 0] = crew.workerPids();
  process.kill(hung, "SIGSTOP");
  // One of them is given to the worker that hangs; and a budget that is new to the keeper is read when all workers have written.
  const calls = Array.from({ length: 4 }, () => crew.call(key, {}, { headers: headersOf(key) }));
  const statuses = await Promise.all(
    calls.map(async (call) => {
      const response = await call;
      await response.text();
      return response.status;
    }),
  );
  expect(statuses).toEqual([200, 200, 200, 200]);
  await expect.poll(() => isAlive(hung), { timeout: 20_000 }).toBe(false);
  await crew.serving(2);
}, 180_000);

test("while one hangs, another one that dies is replaced", async () => {
  const [hung = 0, victim = 0] = crew.workerPids();
  process.kill(hung, "SIGSTOP");
  process.kill(victim, "SIGKILL");
  const pids = () => crew.workerPids().filter((pid) => pid !== hung && pid !== victim);
  await expect.poll(() => pids().length, { timeout: 30_000 }).toBe(2);
  await crew.serving(2);
}, 120_000);
