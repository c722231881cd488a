// What calls are charged for beside their tokens, through the whole gateway: how they were served, and what was done on the side.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { recording } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      COHERE_API_KEY: "cohere-upstream-0123456789",
      COHERE_BASE_URL: `${replay.url}/v2`,
    },
  });
});
afterEach(() => {
  replay.clear();
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

interface Charged {
  readonly cost_usd: string | null;
  readonly usage: Readonly<Record<string, number | boolean | null>>;
}

/** Asks, takes the whole answer, and tells what the ledger says of it. */
async function charged(path: string, body: object): Promise<Charged> {
  const headers = { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" };
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  for (;;) {
    const told = await fetch(`${gateway.url}/v1/generations/${response.headers.get("x-request-id")}`, { headers });
    const call = (await told.json()) as Charged & { readonly status: string };
    if (told.ok && call.status !== "running") return call;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function answering(served: string | null, stream: boolean): void {
  const tier = served === null ? {} : { service_tier: served };
  const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
  const whole = { id: "c", object: "chat.completion", created: 1, model: "gpt-5-mini-2025-08-07", ...tier };
  const message = { role: "assistant", content: "Hello" };
  const chunk = (more: object) => `data: ${JSON.stringify({ ...whole, object: "chat.completion.chunk", ...more })}\n\n`;
  replay.script(() =>
    stream
      ? [
          chunk({ choices: [{ index: 0, delta: message, finish_reason: "stop" }], usage: null }),
          chunk({ choices: [], usage }),
          "data: [DONE]\n\n",
        ]
      : [
          { kind: "head", status: 200, headers: { "content-type": "application/json" } },
          JSON.stringify({ ...whole, choices: [{ index: 0, message, finish_reason: "stop" }], usage }),
        ],
  );
}

describe.each([
  ["whole", false],
  ["streamed", true],
])("an answer that comes %s", (_name, stream) => {
  // gpt-5-mini: 0.25 and 2 USD per million tokens; flex half of it, priority 0.45 and 3.6.
  test.each([
    ["flex", "flex", "0.000225"],
    ["flex", "default", "0.00045"],
    ["flex", null, "0.000225"],
    ["priority", null, "0.00081"],
    ["priority", "default", "0.00045"],
    ["auto", "priority", "0.00081"],
    [null, null, "0.00045"],
  ])("asked for as %s and served as %s costs %s", async (asked, served, cost) => {
    answering(served, stream);
    const tier = asked === null ? {} : { service_tier: asked };
    const messages = [{ role: "user", content: "Hi" }];
    const call = await charged("/v1/chat/completions", {
      model: "openai/gpt-5-mini-2025-08-07",
      messages,
      stream,
      ...tier,
    });
    expect(call.cost_usd).toBe(cost);
  });
});

describe("on the side", () => {
  const messages = [{ role: "user", content: "Hi" }];

  test("an advisor's tokens are charged at its own price, and are not the model's", async () => {
    replay.serve(recording("anthropic", "anthropic-anthropic-advisor-20260301.1"));
    const call = await charged("/v1/messages", { model: "anthropic/claude-sonnet-4-6", max_tokens: 100, messages });
    expect(call.usage).toMatchObject({ input_tokens: 2414, output_tokens: 3200, web_searches: 0 });
    // 2414 × 3 + 3200 × 15, and of Opus 4.7: 2728 × 5 + 874 × 25, USD per million tokens.
    expect(call.cost_usd).toBe("0.090732");
  });

  test("searches of the web are charged for, and counted", async () => {
    replay.serve(recording("anthropic", "test_anthropic-test_anthropic_model_web_search_tool_stream.0"));
    const asked = { model: "anthropic/claude-sonnet-4-0", max_tokens: 100, stream: true, messages };
    const call = await charged("/v1/messages", asked);
    expect(call.usage).toMatchObject({ web_searches: 2 });
    const { input_tokens: input, output_tokens: output } = call.usage;
    expect(call.cost_usd).toBe(String((Number(input) * 3 + Number(output) * 15) / 1e6 + 0.02));
    const usage = await fetch(`${gateway.url}/admin/v1/usage`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    expect(await usage.json()).toMatchObject({ data: [{ web_searches: 2 }] });
  });

  test("what Cohere does not bill costs nothing, and is counted all the same", async () => {
    replay.serve(
      recording("cohere", "chat-function-calling-cohere-command-a-03-2025-can-handle-multiple-tool-calls-in-a-s-1"),
    );
    const call = await charged("/v1/chat/completions", { model: "cohere/command-a-03-2025", messages });
    expect(call.usage).toMatchObject({ input_tokens: 1490, output_tokens: 94 });
    // 57 × 2.5 + 20 × 10.
    expect(call.cost_usd).toBe("0.0003425");
  });
});
