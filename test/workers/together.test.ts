// What workers find out and count together: breakers, and unknown keys of a network.
import { Client } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Replay, startReplay } from "../support/replay.ts";
import { type Crew, startCrew } from "../support/workers.ts";

let replay: Replay;
let crew: Crew;
/** Two connections: connections go to the workers in turn, so these are to both. */
let lanes: readonly [Client, Client];
let asked = 0;

beforeAll(async () => {
  replay = await startReplay();
  crew = await startCrew({ upstream: replay.url, env: { TURNPIKE_BREAKERS: "on", TURNPIKE_MAX_ATTEMPTS: "1" } });
  replay.script(
    async function* () {
      asked += 1;
      yield { kind: "head", status: 500, headers: { "content-type": "application/json" } };
      yield JSON.stringify({ error: { message: "it broke", type: "server_error" } });
    },
    { times: Number.POSITIVE_INFINITY },
  );
  lanes = [new Client(crew.url), new Client(crew.url)];
}, 180_000);

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  await crew.close();
  await replay.close();
});

async function statusOf(lane: Client, key: string): Promise<number> {
  const { statusCode, body } = await lane.request({
    path: "/v1/chat/completions",
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] }),
  });
  await body.text();
  return statusCode;
}

test("a breaker that opens in one worker is open in the other within a second", async () => {
  const { key } = await crew.newKey("unlucky");
  const [one, other] = lanes;
  // Until the first worker asks the upstream no more.
  for (let before = -1; before !== asked; ) {
    before = asked;
    await statusOf(one, key);
  }
  const known = async (): Promise<boolean> => {
    const before = asked;
    await statusOf(other, key);
    return before === asked;
  };
  expect(asked).toBeGreaterThan(1);
  const openedBy = asked;
  await expect.poll(known, { timeout: 1_000, interval: 200 }).toBe(true);
  // Fewer than a breaker needs to open by itself.
  expect(asked - openedBy).toBeLessThan(openedBy);
});

test("a network that guesses keys at both workers is slowed down as soon as at one", async () => {
  const statuses: number[] = [];
  for (let at = 0; at < 80; at++) statuses.push(await statusOf(lanes[at % 2] as Client, `sk-tp-unknown-${at}`));
  // Sixty a minute; what one has counted the other knows some milliseconds later.
  const refused = statuses.filter((status) => status === 401).length;
  expect(refused).toBeGreaterThanOrEqual(60);
  expect(refused).toBeLessThan(66);
  expect(statuses.slice(70).every((status) => status === 429)).toBe(true);
});
