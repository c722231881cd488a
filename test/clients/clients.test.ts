// Client libraries of all four dialects, unmodified and used as their documentation shows, get what they ask for from
// providers of three dialects.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anthropicWire } from "../matrix/upstreams/anthropic.ts";
import { geminiWire } from "../matrix/upstreams/gemini.ts";
import { serveModel } from "../matrix/upstreams/scripted-model.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { agentsChat, agentsResponses } from "./agents.ts";
import { aiAnthropic, aiCompatible, aiGoogle, aiOpenAIChat, aiOpenAIResponses } from "./ai-sdk.ts";
import { anthropicMessages } from "./anthropic.ts";
import { type Client, type Place, report } from "./client.ts";
import { googleGenAI } from "./google.ts";
import { langchainChat, langchainResponses } from "./langchain.ts";
import { openaiChat, openaiResponses } from "./openai.ts";

const clients: readonly ((place: Place) => Client)[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  googleGenAI,
  aiOpenAIChat,
  aiOpenAIResponses,
  aiCompatible,
  aiAnthropic,
  aiGoogle,
  langchainChat,
  langchainResponses,
  agentsChat,
  agentsResponses,
];

/** A provider's models by what they are asked for: the sandbox has one for each. */
const providers = [
  { dialect: "openai-chat", chat: "sandbox/echo", tools: "sandbox/tools" },
  { dialect: anthropicWire.dialect, chat: anthropicWire.model, tools: anthropicWire.model },
  { dialect: geminiWire.dialect, chat: geminiWire.model, tools: geminiWire.model },
] as const;

let replay: Replay;
let gateway: Gateway;
const place: { url: string; key: string } = { url: "http://127.0.0.1:9", key: "unset" };

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      GOOGLE_API_KEY: "google-upstream-0123456789",
      GOOGLE_BASE_URL: `${replay.url}/v1beta`,
      TURNPIKE_SANDBOX: "on",
    },
  });
  place.url = gateway.url;
  place.key = gateway.key;
});

beforeEach(() => {
  replay.clear();
  serveModel(replay, anthropicWire);
  serveModel(replay, geminiWire);
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const prompt = "Hello there";
const question = "What is the weather in Paris?";

describe.each(clients.map((make) => ({ name: make(place).name, make })))("$name", ({ make }) => {
  describe.each(providers)("before a provider of $dialect", ({ chat, tools }) => {
    const { structured, streamedTools } = make(place);

    test("gets a whole answer", async () => {
      expect(await make(place).whole(chat, prompt)).toContain(prompt);
    });

    test("gets a stream", async () => {
      expect(await make(place).stream(chat, prompt)).toContain(prompt);
    });

    test("goes through its tool loop", async () => {
      const asked: unknown[] = [];
      const text = await make(place).tools(tools, question, (args) => {
        asked.push(args);
        return "sunny and 21";
      });
      expect(asked).toEqual([{ city: expect.any(String) }]);
      expect(text).toContain("sunny and 21");
    });

    if (streamedTools !== undefined)
      test("goes through its tool loop in streams", async () => {
        const asked: unknown[] = [];
        const text = await make(place).streamedTools?.(tools, question, (args) => {
          asked.push(args);
          return "sunny and 21";
        });
        expect(asked).toEqual([{ city: expect.any(String) }]);
        expect(text).toContain("sunny and 21");
      });

    if (structured !== undefined)
      test("gets an object that fits its schema", async () => {
        expect(report.safeParse(await make(place).structured?.(chat, question))).toMatchObject({ success: true });
      });
  });
});
