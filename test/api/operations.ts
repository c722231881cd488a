// What the tests of the endpoints beside chat share: a gateway whose providers are one replay upstream, and the ledger's word on a call.
import OpenAI from "openai";
import { type Gateway, startGateway } from "../support/gateway.ts";
import type { Recording } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

export interface World {
  readonly replay: Replay;
  readonly gateway: Gateway;
  readonly openai: OpenAI;
  /** POST with the customer's key; a body that is no string is sent as JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** `GET /v1/generations/{id}`, once the call is settled. */
  ledger(id: string | null): Promise<Ledger>;
  close(): Promise<void>;
}

/** The members of `GET /v1/generations/{id}` that these tests look at. */
export interface Ledger {
  readonly status: string;
  readonly operation: string;
  readonly dialect: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly cost_usd: string | null;
  readonly error_code: string | null;
  readonly usage: Readonly<Record<string, number | boolean | null>> | null;
  readonly attempts: readonly { readonly provider: string; readonly result: string }[];
}

/** Each with a key of its own, at `{replay}/{provider id}`. */
const providerKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { OPENAI_API_KEY: "sk-test-upstream-openai-0123456789" },
  azure: { AZURE_API_KEY: "azure-upstream-0123456789" },
  google: { GEMINI_API_KEY: "google-upstream-0123456789" },
  cohere: { COHERE_API_KEY: "cohere-upstream-0123456789" },
  mistral: { MISTRAL_API_KEY: "mistral-upstream-0123456789" },
  voyage: { VOYAGE_API_KEY: "voyage-upstream-0123456789" },
  jina: { JINA_API_KEY: "jina-upstream-0123456789" },
  perplexity: { PERPLEXITY_API_KEY: "perplexity-upstream-0123456789" },
  openrouter: { OPENROUTER_API_KEY: "openrouter-upstream-0123456789" },
  together: { TOGETHER_API_KEY: "together-upstream-0123456789" },
  groq: { GROQ_API_KEY: "groq-upstream-0123456789" },
  ollama: {},
  "amazon-bedrock": { AWS_BEARER_TOKEN_BEDROCK: "bedrock-upstream-0123456789" },
};

export async function startWorld(): Promise<World> {
  const replay = await startReplay();
  const env: Record<string, string> = { TURNPIKE_SANDBOX: "on" };
  for (const [id, keys] of Object.entries(providerKeys)) {
    Object.assign(env, keys, { [`${id.toUpperCase().replaceAll("-", "_")}_BASE_URL`]: `${replay.url}/${id}` });
  }
  const gateway = await startGateway({ env });
  const authorization = `Bearer ${gateway.key}`;
  return {
    replay,
    gateway,
    openai: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 }),
    post: (path, body, headers = { "content-type": "application/json" }) =>
      fetch(`${gateway.url}${path}`, {
        method: "POST",
        headers: { authorization, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async ledger(id) {
      for (;;) {
        const response = await fetch(`${gateway.url}/v1/generations/${id}`, { headers: { authorization } });
        const call = (await response.json()) as Ledger;
        if (response.ok && call.status !== "running") return call;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async close() {
      await gateway.close();
      await replay.close();
    },
  };
}

/** A recorded request's body for this gateway: the model with its provider before it. */
export function asked<Body>(recording: Recording, provider = recording.provider): Body {
  return { ...recording.request, model: `${provider}/${recording.model}` } as Body;
}
