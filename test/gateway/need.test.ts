// What is reserved for a call under a budget, through the whole gateway: requests whose worst case is no whole number of tokens.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { answer } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;
let key: string;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: { OPENAI_API_KEY: "sk-test-0123456789abcdef", OPENAI_BASE_URL: `${replay.url}/openai` },
  });
  const made = await gateway.manage("POST", "/keys", {
    ...{ name: "n", customer: "c", project: "p" },
    policy: { budget: { usd: "100", per: "month" }, limits: [{ tokens: 10_000_000, per: "minute" }] },
  });
  ({ key } = made as unknown as { key: string });
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const picture = (letters: number) => [
  { type: "text", text: "What is this?" },
  { type: "image_url", image_url: { url: `data:image/png;base64,${"iVBORw0K".repeat(letters)}AA==` } },
];

test.each([
  ["a small picture", { messages: [{ role: "user", content: picture(7) }] }],
  ["a larger picture", { messages: [{ role: "user", content: picture(1_001) }] }],
  ["half a token", { messages: [{ role: "user", content: "Hi" }], max_tokens: 10.5 }],
  ["one and a half answers", { messages: [{ role: "user", content: "Hi" }], n: 1.5 }],
])("%s can be reserved for", async (_what, request) => {
  replay.script(answer);
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4.1-mini", ...request }),
  });
  expect(await response.text()).not.toContain("internal_error");
  expect(response.status).toBe(200);
});
