// Every client dialect before every provider dialect: one conversation with a system prompt, a picture, reasoning, two
// parallel calls and their results, streamed and not, compared member by member on both sides of the gateway.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import type { JsonObject } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { anthropicClient } from "./clients/anthropic.ts";
import { asking, type MatrixClient, type Place, type Read } from "./clients/client.ts";
import { geminiClient } from "./clients/gemini.ts";
import { openaiChatClient } from "./clients/openai-chat.ts";
import { openaiResponsesClient } from "./clients/openai-responses.ts";
import { lossOf } from "./losses.ts";
import { anthropicWire } from "./upstreams/anthropic.ts";
import { bedrockWire } from "./upstreams/bedrock.ts";
import { cohereWire } from "./upstreams/cohere.ts";
import { geminiWire } from "./upstreams/gemini.ts";
import { openaiChatWire } from "./upstreams/openai-chat.ts";
import { openaiResponsesWire } from "./upstreams/openai-responses.ts";
import type { Asked, Said, Wire } from "./upstreams/said.ts";
import { serveModel } from "./upstreams/scripted-model.ts";

const clients = [openaiChatClient, openaiResponsesClient, anthropicClient, geminiClient];
const wires: readonly Wire[] = [
  openaiChatWire,
  openaiResponsesWire,
  anthropicWire,
  geminiWire,
  bedrockWire,
  cohereWire,
];

let replay: Replay;
let gateway: Gateway;
const place: { url: string; key: string } & Place = { url: "http://127.0.0.1:9", key: "unset" };

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      OPENROUTER_API_KEY: "sk-or-upstream-0123456789",
      OPENROUTER_BASE_URL: `${replay.url}/api/v1`,
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      GOOGLE_API_KEY: "google-upstream-0123456789",
      GOOGLE_BASE_URL: `${replay.url}/v1beta`,
      AWS_BEARER_TOKEN_BEDROCK: "bedrock-api-key-0123456789",
      AMAZON_BEDROCK_BASE_URL: replay.url,
      COHERE_API_KEY: "cohere-upstream-0123456789",
      COHERE_BASE_URL: replay.url,
    },
  });
  place.url = gateway.url;
  place.key = gateway.key;
});

beforeEach(() => {
  replay.clear();
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const usage = { input: 11, cached: 4, output: 7, reasoning: 5 };
const first = {
  reasoning: { text: "The user wants two things." },
  text: "Let me look.",
  calls: [
    { id: "call_weather_1", name: "weather", arguments: { city: "Paris" } },
    { id: "call_clock_2", name: "clock", arguments: { zone: "Europe/Paris" } },
  ],
  usage,
} as const;
const second: Said = { reasoning: null, text: "It is sunny, and noon.", calls: [], usage: { ...usage, cached: 9 } };
const results = { weather: "sunny", clock: "12:00" };

const opening: Asked = {
  system: asking.system,
  maxTokens: asking.maxTokens,
  reasons: true,
  tools: asking.tools as unknown as Asked["tools"],
  turns: [{ by: "user", text: asking.text, images: [`${asking.image.mediaType};${asking.image.data}`] }],
};
const continued = (signature: string): Asked => ({
  ...opening,
  turns: [
    ...opening.turns,
    {
      by: "model",
      reasoning: first.reasoning.text,
      signature,
      text: first.text,
      calls: first.calls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    },
    {
      by: "tools",
      results: [
        { of: "weather", text: results.weather },
        { of: "clock", text: results.clock },
      ],
    },
  ],
});

describe.each(clients.map((make) => ({ dialect: make(place).dialect, make })))(
  "a client of $dialect",
  ({ dialect, make }) => {
    describe.each(wires)("before a provider of $dialect", (wire) => {
      test.each([
        { form: "whole", streamed: false },
        { form: "streamed", streamed: true },
      ])("loses nothing but what is known, $form", async ({ streamed }) => {
        const signature = wire.signature ?? "";
        const signed: Said = { ...first, reasoning: { ...first.reasoning, signature } };
        const asked: JsonObject[] = [];
        serveModel(replay, wire, (body) => {
          asked.push(body);
          return asked.length === 1 ? signed : second;
        });
        const client: MatrixClient = make(place);
        const lose = lossOf({ client: dialect, wire });

        const { read, reply } = await client.open(wire.model, streamed);
        expect(wire.asked(asked[0] ?? {})).toEqual(lose.asked(opening));
        expect(read).toEqual(lose.read(told(signed)));
        if (dialect !== "gemini") expect(new Set(read.calls.map(({ id }) => id)).size).toBe(first.calls.length);

        expect(await reply(results)).toEqual(lose.read(told(second)));
        expect(wire.asked(asked[1] ?? {})).toEqual(lose.asked(continued(signature)));
      });
    });
  },
);

/** What a client reads where nothing is lost. */
function told({ reasoning, text, calls, usage: { input, cached, output, reasoning: thought } }: Said): Read {
  return {
    reasoning: reasoning?.text ?? "",
    signed: reasoning !== null,
    text,
    calls,
    finish: calls.length > 0 ? "calls" : "stop",
    usage: { input: input + cached, cached, output: output + thought, reasoning: thought },
  };
}
