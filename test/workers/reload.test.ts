// New workers take over under load: no call fails, none is refused, none is broken off.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import { answerWith, type Crew, isAlive, startCrew } from "../support/workers.ts";

let replay: Replay;
let crew: Crew;

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url, env: { TURNPIKE_DRAIN_TIMEOUT_MS: "20000" } });
}, 60_000);

afterAll(async () => {
  await crew.close();
  await replay.close();
});

test("streams, kept connections and new ones all go on through two reloads", async () => {
  replay.script(
    answerWith(() => 5, 60),
    { times: Number.POSITIVE_INFINITY },
  );
  const { key } = await crew.newKey("constant", { limits: [{ requests: 1_000_000, per: "minute" }] });
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const client = async (dispatcher: Agent, { stream, keep }: { stream: boolean; keep: boolean }): Promise<void> => {
    while (!isOver) {
      try {
        const { statusCode, body } = await request(`${crew.url}/v1/chat/completions`, {
          dispatcher,
          method: "POST",
          reset: !keep,
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({
            ...{ model: "openai/gpt-4o-mini", max_tokens: 10, stream },
            messages: [{ role: "user", content: "Hello" }],
          }),
        });
        const text = await body.text();
        const isWhole = stream ? text.endsWith("data: [DONE]\n\n") : text.includes('"usage"');
        if (statusCode === 200 && isWhole) answered += 1;
        else failures.push(`${statusCode} ${text.slice(0, 300)}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  // One connection each, which is never idle.
  const agents = Array.from({ length: 12 }, () => new Agent({ connections: 1 }));
  const clients = agents.map((agent, at) => client(agent, { stream: at % 2 === 0, keep: at < 8 }));
  await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(50);
  for (let round = 0; round < 2; round++) {
    const old = crew.workerPids();
    expect(await crew.reload()).toBe(true);
    const before = answered;
    await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(before + 50);
    // Their connections end with the answers on them.
    await expect.poll(() => old.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  }
  isOver = true;
  await Promise.all(clients);
  await Promise.all(agents.map((agent) => agent.close()));
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(150);
}, 120_000);

test("a long stream is served to its end by the worker that began it", async () => {
  replay.clear();
  replay.script(
    answerWith(() => 5, 3_000),
    { times: Number.POSITIVE_INFINITY },
  );
  const { key } = await crew.newKey("long");
  const response = await crew.call(key, { stream: true });
  const text = response.text();
  const old = crew.workerPids();
  expect(await crew.reload()).toBe(true);
  expect(crew.workerPids().filter((pid) => !old.includes(pid))).toHaveLength(2);
  expect(await text).toMatch(/data: \[DONE\]\n\n$/);
}, 60_000);

test("new workers read the configuration file again; where it can't be used the old ones go on", async () => {
  const file = join(crew.folder, "turnpike.yaml");
  const alias = (name: string): string => `aliases:\n  ${name}: openai/gpt-4o-mini\n`;
  writeFileSync(file, alias("before"));
  const own = await startCrew({ upstream: replay.url, env: { TURNPIKE_CONFIG: file } });
  try {
    replay.clear();
    replay.script(
      answerWith(() => 5, 1),
      { times: Number.POSITIVE_INFINITY },
    );
    const { key } = await own.newKey("configured");
    const statusOf = async (model: string): Promise<number> => {
      const response = await own.call(
        key,
        { model },
        { headers: { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" } },
      );
      await response.text();
      return response.status;
    };
    expect(await statusOf("before")).toBe(200);
    writeFileSync(file, alias("after"));
    expect(await own.reload()).toBe(true);
    expect([await statusOf("after"), await statusOf("before")]).toEqual([200, 404]);
    const workers = own.workerPids();
    writeFileSync(file, "aliases: nonsense\n");
    expect(await own.reload()).toBe(false);
    expect(await statusOf("after")).toBe(200);
    // No others than before; the first ones may still be at their end.
    expect(own.workerPids().filter((pid) => !workers.includes(pid))).toEqual([]);
  } finally {
    await own.close();
  }
}, 60_000);

test("a stop waits for what runs, and leaves nothing behind", async () => {
  replay.clear();
  replay.script(
    answerWith(() => 5, 500),
    { times: Number.POSITIVE_INFINITY },
  );
  const { key } = await crew.newKey("last");
  const running = Array.from({ length: 8 }, async (_, at) => {
    const response = await crew.call(key, { stream: at % 2 === 0 });
    return `${response.status} ${/DONE|usage/.test(await response.text())}`;
  });
  await expect
    .poll(() => crew.ledger().filter(({ customer }) => customer === "last").length, { timeout: 5_000 })
    .toBe(8);
  crew = await crew.restart();
  expect(await Promise.all(running)).toEqual(Array.from({ length: 8 }, () => "200 true"));
  expect(crew.ledger().filter(({ outcome }) => outcome !== "completed")).toEqual([]);
}, 60_000);
