// Providers as an operator describes them: any server that speaks one of our dialects, and known providers that are reached elsewhere.
import {
  bearer,
  type DataPolicy,
  defineProvider,
  header,
  noKey,
  type Provider,
  type ProviderDefinition,
} from "./define.ts";
import { anthropicMessages } from "./dialects/anthropic-messages/index.ts";
import { cohereChat } from "./dialects/cohere/index.ts";
import type { ClientDialect } from "./dialects/dialect.ts";
import { gemini } from "./dialects/gemini/index.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import type { Quirks } from "./dialects/openai-chat/quirks.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { openaiListening, openaiSpeech } from "./endpoints/audio/openai.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import type { Endpoints, Operation } from "./endpoints/endpoint.ts";
import { openaiImages } from "./endpoints/images/openai.ts";
import { openaiModerations } from "./endpoints/moderations/openai.ts";
import { jinaRerank } from "./endpoints/rerank/providers.ts";

export const describedDialects = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "cohere"] as const;
export type DescribedDialect = (typeof describedDialects)[number];

/** What of a provider can be said beside its id and its place; what is absent is as usual. */
export interface Description {
  readonly name?: string;
  readonly dialect?: DescribedDialect;
  /** Its key, read already; absent where it needs none, or has its own. */
  readonly secret?: string;
  /** The header that takes the key as it is, instead of the dialect's own way. */
  readonly keyHeader?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly endpoints?: readonly Operation[];
  /** Of OpenAI's chat dialect. */
  readonly quirks?: Quirks;
  readonly dataPolicy?: DataPolicy;
}

/** A provider of the operator's own. It is connected by the variable of its base URL, which the caller sets. */
export function describedProvider(id: string, described: Description): Provider {
  const { dialect = "openai-chat", secret, headers, endpoints = [] } = described;
  const way = ways[dialect];
  const auth = described.keyHeader === undefined ? way.auth : header(described.keyHeader);
  return defineProvider({
    id,
    name: described.name ?? id,
    dialect: way.speaks(described.quirks ?? {}),
    endpoints: Object.fromEntries(endpoints.map((name) => [name, inOpenaisShape[name]])),
    baseUrl: "http://127.0.0.1",
    auth: secret === undefined ? noKey : { ...auth, fromEnv: () => secret },
    headers: { ...way.headers, ...headers },
    forwardHeaders: way.forwardHeaders ?? [],
    selfHosted: true,
    dataPolicy: described.dataPolicy ?? { collects: null, retains: null },
  });
}

/** A known provider with another key, headers of the operator's, or another promise about data. */
export function withDescription(known: Provider, described: Description): Provider {
  const { secret, headers, dataPolicy, name } = described;
  return {
    ...known,
    ...(name !== undefined && { name }),
    // Its own variables, and the pools that they make, are then no matter.
    ...(secret !== undefined && { secretFrom: () => secret, env: [] }),
    headers: { ...known.headers, ...headers },
    ...(dataPolicy !== undefined && { dataPolicy }),
    variant: (env) => {
      const variant = known.variant(env);
      return variant === null ? null : withDescription(variant, described);
    },
  };
}

interface Way {
  speaks(quirks: Quirks): ClientDialect;
  readonly auth: ProviderDefinition["auth"];
  readonly headers?: Readonly<Record<string, string>>;
  readonly forwardHeaders?: readonly string[];
}

/** How each dialect's own vendor is spoken to. */
const ways: Readonly<Record<DescribedDialect, Way>> = {
  "openai-chat": { speaks: (quirks) => compatibleChat({ topK: true, ...quirks }), auth: bearer() },
  "openai-responses": { speaks: () => openaiResponses(), auth: bearer() },
  "anthropic-messages": {
    speaks: () => anthropicMessages,
    auth: header("x-api-key"),
    headers: { "anthropic-version": "2023-06-01" },
    forwardHeaders: ["anthropic-beta", "anthropic-version"],
  },
  gemini: { speaks: () => gemini, auth: header("x-goog-api-key") },
  cohere: { speaks: () => cohereChat, auth: bearer() },
};

const inOpenaisShape: Required<Endpoints> = {
  embeddings: openaiEmbeddings(),
  completions: completions(),
  moderations: openaiModerations(),
  images: openaiImages(),
  image_edits: openaiImages("/images/edits"),
  speech: openaiSpeech(),
  transcriptions: openaiListening("/audio/transcriptions"),
  translations: openaiListening("/audio/translations"),
  rerank: jinaRerank,
};

/** The operations that a described provider may do, in OpenAI's shape. */
export const describedEndpoints = Object.keys(inOpenaisShape) as [Operation, ...Operation[]];
