// A gateway with scripted models of two dialects behind it that are not OpenAI's, and recorded answers of OpenAI's.
import OpenAI from "openai";
import type { Response as ModelResponse } from "openai/resources/responses/responses";
import { anthropicWire } from "../../matrix/upstreams/anthropic.ts";
import { geminiWire } from "../../matrix/upstreams/gemini.ts";
import type { Asked, Said, Wire } from "../../matrix/upstreams/said.ts";
import { serveModel } from "../../matrix/upstreams/scripted-model.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import type { JsonObject } from "../../support/recordings.ts";
import { type Replay, startReplay } from "../../support/replay.ts";

export const claude = { wire: anthropicWire, model: anthropicWire.model };
export const gemini = { wire: geminiWire, model: geminiWire.model };

const usage = { input: 11, cached: 4, output: 7, reasoning: 0 };
export const nothingSaid: Said = { reasoning: null, text: "", calls: [], usage };

export interface World {
  readonly replay: Replay;
  gateway: Gateway;
  /** OpenAI's SDK with the first customer's key, or another one. */
  client(key?: string): OpenAI;
  /** What the model of a wire was asked, of all requests since it was served. */
  asked(wire: Wire): readonly Asked[];
  /** Lets both scripted models say so from here on. */
  say(said: (asked: Asked) => Partial<Said>): void;
  /** A key of another customer. */
  strangersKey(): Promise<string>;
  close(): Promise<void>;
}

export async function startWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  const replay = await startReplay();
  const gateway = await startGateway({ env: { ...upstreamsAt(replay.url), ...env } }).catch(async (error: unknown) => {
    await replay.close();
    throw error;
  });
  let seen = 0;
  const world: World = {
    replay,
    gateway,
    client: (key = world.gateway.key) => new OpenAI({ baseURL: `${world.gateway.url}/v1`, apiKey: key, maxRetries: 0 }),
    asked: (wire) =>
      replay.requests
        .slice(seen)
        .filter((request) => request.method === "POST" && wire.form(request) !== null)
        .map(({ body }) => wire.asked(JSON.parse(body) as JsonObject)),
    say(said) {
      replay.clear();
      seen = replay.requests.length;
      for (const { wire } of [claude, gemini]) {
        serveModel(replay, wire, (body) => ({ ...nothingSaid, ...said(wire.asked(body)) }));
      }
    },
    strangersKey: async () => {
      const answer = await fetch(`${world.gateway.url}/admin/v1/keys`, {
        method: "POST",
        headers: { authorization: `Bearer ${world.gateway.adminKey}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "stranger", customer: "globex", project: "lab", environment: "live" }),
      });
      return ((await answer.json()) as { key: string }).key;
    },
    close: async () => {
      await world.gateway.close();
      await replay.close();
    },
  };
  return world;
}

export function upstreamsAt(url: string): Record<string, string> {
  return {
    OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
    OPENAI_BASE_URL: `${url}/v1`,
    ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
    ANTHROPIC_BASE_URL: url,
    GOOGLE_API_KEY: "google-upstream-0123456789",
    GOOGLE_BASE_URL: `${url}/v1beta`,
    DEEPSEEK_API_KEY: "sk-deepseek-upstream-0123456789",
    DEEPSEEK_BASE_URL: url,
    TURNPIKE_SANDBOX: "off",
  };
}

type Request = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">;

/** One turn, whole. */
export const whole = (client: OpenAI, request: Request): Promise<ModelResponse> => client.responses.create(request);

/** One turn, streamed: the response of its last event, as soon as that has come. */
export async function streamed(client: OpenAI, request: Request): Promise<ModelResponse> {
  for await (const event of await client.responses.create({ ...request, stream: true })) {
    if (event.type === "response.completed" || event.type === "response.incomplete") return event.response;
    if (event.type === "response.failed" || event.type === "error") throw new Error(JSON.stringify(event));
  }
  throw new Error("the stream ended without a response");
}

/** The answer to a request that must be refused. */
export async function refusal(request: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const answer = await request.catch((error: unknown) => error);
  if (answer instanceof OpenAI.APIError) return answer;
  throw new Error(`expected a refusal, and got ${JSON.stringify(answer)}`);
}
