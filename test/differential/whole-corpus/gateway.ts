// One gateway whose providers are all one replay upstream, and the ways to call it in each client dialect.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providers } from "../../../providers/index.ts";
import { bodyOf } from "../../providers/dialects/bedrock-converse/support/messages.ts";
import { type Script, scriptOf } from "../../support/answers.ts";
import { startGateway } from "../../support/gateway.ts";
import { readWithAnthropic, readWithGoogle, readWithOpenAI, readWithResponses } from "../../support/readers.ts";
import type { ReadResult } from "../../support/reading.ts";
import type { JsonObject, Recording } from "../../support/recordings.ts";
import { type Exchange, type Replay, startReplay } from "../../support/replay.ts";
import { cutAt, cutPositions, seeded } from "../../support/seed.ts";
import type { Wire } from "./routes.ts";

export const clientDialects = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"] as const;
export type ClientDialect = (typeof clientDialects)[number];

/** File of recordings → the provider that they come from. A file that is absent is of a server that the environment describes. */
const providerOf: Readonly<Record<string, string>> = {
  alibaba: "alibaba",
  anthropic: "anthropic",
  azure: "azure",
  bedrock: "amazon-bedrock",
  cerebras: "cerebras",
  cohere: "cohere",
  deepseek: "deepseek",
  google: "google",
  groq: "groq",
  huggingface: "huggingface",
  lmstudio: "lmstudio",
  mistral: "mistral",
  moonshot: "moonshotai",
  ollama: "ollama",
  openai: "openai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  snowflake: "snowflake-cortex",
  together: "together",
  vertex: "google-vertex",
  voyage: "voyage",
  xai: "xai",
  zai: "zai",
};
/** Servers that a file describes, by the one wire format that they speak. */
const described = { "openai-chat": "chat-server", "openai-responses": "responses-server" } as const;
/** OpenAI serves it at its responses endpoint only. */
const responsesOnly = "openai/o3-pro-2025-06-10";

export interface Bench {
  readonly url: string;
  readonly key: string;
  readonly replay: Replay;
  /** Serves the recording, cut at random places, to the upstream request that holds the mark; to the next when there is none. */
  serve(recording: Recording, seed: number, mark?: string): Exchange;
  /** Asks a model, with the mark as the prompt, and reads the answer with the dialect's own SDK. */
  read(
    dialect: ClientDialect,
    asked: { readonly model: string; readonly mark: string; readonly stream: boolean },
  ): Promise<ReadResult>;
  close(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const replay = await startReplay();
  const folder = mkdtempSync(join(tmpdir(), "turnpike-corpus-"));
  const gateway = await startGateway({ env: environment(replay.url, join(folder, "turnpike.yaml")) });
  const { url, key } = gateway;
  return {
    url,
    key,
    replay,
    serve: (recording, seed, mark) =>
      replay.script(cutUp(recording, seed), {
        match: ({ body }) => mark === undefined || body.includes(`"${mark}"`),
      }),
    read(dialect, { model, mark, stream }) {
      const provider = { only: [model.slice(0, model.indexOf("/"))] };
      const asked: JsonObject = { model, provider, ...(stream && { stream }) };
      const messages = [{ role: "user", content: mark }];
      switch (dialect) {
        case "openai-chat": {
          const options: JsonObject = stream ? { stream_options: { include_usage: true } } : {};
          const read = readWithOpenAI({ baseUrl: `${url}/v1`, key }, { ...asked, messages, ...options });
          return read.then(({ result }) => result);
        }
        case "openai-responses":
          return readWithResponses({ baseUrl: `${url}/v1`, key }, { ...asked, input: mark });
        case "anthropic-messages":
          return readWithAnthropic({ baseUrl: url, key }, { ...asked, messages, max_tokens: 1024 });
        case "gemini":
          return readWithGoogle({ baseUrl: url, key }, { model, contents: mark, stream, extraBody: { provider } });
      }
    },
    async close() {
      await gateway.close();
      await replay.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The variables that lead all providers to the upstream, and the file that describes those which Turnpike does not know. */
function environment(upstream: string, file: string): Record<string, string> {
  writeFileSync(
    file,
    `
providers:
  ${described["openai-chat"]}:
    base_url: ${upstream}/${described["openai-chat"]}
    endpoints: [completions]
  ${described["openai-responses"]}:
    base_url: ${upstream}/${described["openai-responses"]}
    dialect: openai-responses
`,
  );
  const env: Record<string, string> = {
    // Many failures of credentials are replayed, each of which would be logged.
    TURNPIKE_LOG_LEVEL: "silent",
    GOOGLE_VERTEX_PROJECT: "project",
    TURNPIKE_CONFIG: file,
  };
  for (const id of Object.values(providerOf)) {
    const provider = providers.find((one) => one.id === id);
    if (provider === undefined) throw new Error(`there is no provider ${id}`);
    env[provider.baseUrlEnv] = `${upstream}/${id}`;
    const [secret] = provider.env;
    if (secret !== undefined) env[secret] = `key-of-${id}-0123456789`;
  }
  return env;
}

/** The provider of a recording. */
export function providerIn({ provider }: Recording): string {
  return providerOf[provider] ?? described["openai-chat"];
}

/** Models that the catalogue knows at other providers only, now that their own has withdrawn them. */
const withdrawn: ReadonlySet<string> = new Set(["claude-3-5-haiku-20241022", "o1-mini"]);

/**
 * The model by which a client of this dialect is answered in this wire format: the recording's own at its own provider, unless
 * that one would be asked in another of its dialects, or is not known. Then another who is asked in this one stands in.
 */
export function modelFor(recording: Recording, wire: Wire, client: ClientDialect): string {
  const provider = providers.find(({ id }) => id === providerIn(recording));
  const model = recording.model === null || withdrawn.has(recording.model) ? "a-model" : recording.model;
  const spoken = (provider?.dialectsFor?.(model) ?? provider?.dialects ?? []).map(({ id }) => id);
  const asked = spoken.find((dialect) => dialect === client) ?? spoken[0];
  if (provider !== undefined && asked === wire) return `${provider.id}/${model}`;
  switch (wire) {
    case "openai-responses":
      return provider?.id === "openai" ? responsesOnly : `${described[wire]}/${model}`;
    case "openai-chat":
      return `${described[wire]}/${model}`;
    case "bedrock-converse":
      return `amazon-bedrock/${model}`;
    default:
      throw new Error(`nobody is asked in ${wire} for ${recording.provider}`);
  }
}

const cuts = 12;

/** Some sources kept a stream under a content type that it can't have had. */
function cutUp(recording: Recording, seed: number): Script {
  if (!isEventStream(recording)) {
    const responseHeaders = recording.stream ? { "content-type": "text/event-stream" } : recording.responseHeaders;
    return scriptOf({ ...recording, responseHeaders }, { kind: "cut", seed, cuts });
  }
  return function* () {
    const body = bodyOf(recording);
    yield { kind: "head", status: recording.status, headers: { "content-type": "application/vnd.amazon.eventstream" } };
    for (const bytes of cutAt(body, cutPositions(seeded(seed), body.length, cuts))) yield { kind: "bytes", bytes };
  };
}

function isEventStream({ dialect, stream }: Recording): boolean {
  return dialect === "bedrock-converse" && stream;
}
