// Anthropic's own tool runner goes through a tool loop of another vendor's model, and its signatures come home.
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { AssistantPart, Conversation } from "../../../../../providers/dialects/conversation.ts";
import { gemini } from "../../../../../providers/dialects/gemini/index.ts";
import { completionOf, eventsOf } from "../../../../support/neutral/answers.ts";
import { type Replay, startReplay } from "../../../../support/replay.ts";
import { context, streamOf, written } from "./writing.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

const google = (value: string) => ({ vendor: "google" as const, value });

/** Two parallel calls of which the first is signed, as Gemini 3 does it; then the answer. */
const turns: readonly (readonly AssistantPart[])[] = [
  [
    { type: "reasoning", text: "Look in both cities." },
    { type: "text", text: "I look.", signature: google("VGV4dA==") },
    { type: "tool-call", id: "call_1", name: "weather", arguments: '{"city":"Paris"}', signature: google("Q2FsbA==") },
    { type: "tool-call", id: "call_2", name: "weather", arguments: '{"city":"Rome"}' },
  ],
  [{ type: "text", text: "Rain in Paris, rain in Rome." }],
];

function read(body: string): Conversation {
  const conversation = anthropicMessagesServer.read(JSON.parse(body) as Record<string, unknown>);
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  return conversation;
}

/** As the gateway answers what it can't translate. The runner first asks for a thread, which no other vendor holds. */
function refusal(param: string) {
  const body = anthropicMessagesServer.error({
    status: 400,
    code: "unsupported_parameter",
    message: `${param} is not supported.`,
    param,
    requestId: "req_1",
  });
  return [
    { kind: "head" as const, status: 400, headers: { "content-type": "application/json" } },
    JSON.stringify(body),
  ];
}

describe.each([
  ["whole answers", false],
  ["streams", true],
])("the SDK's tool runner over %s", (_name, stream) => {
  it("runs the calls, and sends them back with every signature in its place", async () => {
    const received: Conversation[] = [];
    const { url } = replay.script(
      ({ body }) => {
        const conversation = read(body);
        const foreign = conversation.foreign?.[0];
        if (foreign !== undefined) return refusal(foreign.member);
        received.push(conversation);
        const parts = turns[received.length - 1] ?? [];
        const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
        const answer = stream ? streamOf([eventsOf(parts, 4)]) : written(completionOf(parts));
        return [{ kind: "head", status: 200, headers }, answer];
      },
      { match: () => false, times: turns.length + 1 },
    );
    const asked: string[] = [];
    const weather = betaZodTool({
      name: "weather",
      description: "The weather of a city.",
      inputSchema: z.object({ city: z.string() }),
      run: ({ city }) => {
        asked.push(city);
        return city === "Rome" ? [{ type: "text", text: "rain" }] : "rain";
      },
    });
    const client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0 });
    const final = await client.beta.messages.toolRunner({
      model: context.model,
      max_tokens: 100,
      messages: [{ role: "user", content: "Is it raining?" }],
      tools: [weather],
      stream,
    });

    expect(asked.sort()).toEqual(["Paris", "Rome"]);
    expect(final.content).toMatchObject([{ type: "text", text: "Rain in Paris, rain in Rome." }]);
    const [first, second] = received;
    if (first === undefined || second === undefined) throw new Error("the runner asked less than twice");
    expect(first).toMatchObject({ tools: [{ name: "weather" }], maxOutputTokens: 100, stream });
    expect(second.foreign).toBeUndefined();
    expect(second.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "Is it raining?" }] },
      { role: "assistant", content: turns[0] },
      { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "rain" }] },
      { role: "tool", toolCallId: "call_2", content: [{ type: "text", text: "rain" }] },
    ]);

    const { body, unsupported } = gemini.encode(second, { providerId: "google", model: "gemini-3-pro", traits: {} });
    expect(unsupported).toEqual([]);
    const signatures = JSON.stringify(body.contents).match(/"thoughtSignature":"[^"]*"/g);
    expect(signatures).toEqual(['"thoughtSignature":"VGV4dA=="', '"thoughtSignature":"Q2FsbA=="']);
  });
});
