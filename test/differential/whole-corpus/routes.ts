// What each recording is: an answer to a chat in a provider's wire format, an answer of another endpoint, or neither.
import { type Recording, recordedProviders, recordings } from "../../support/recordings.ts";
import { whyNotInDialect } from "../corpus.ts";

/** The wire formats of providers' chats. */
export type Wire = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | "bedrock-converse" | "cohere";

/** Endpoints beside chat; `count` counts the tokens of a chat in its client's own dialect. */
export type EndpointOperation = "embeddings" | "rerank" | "completions" | "moderations" | "images" | "count";

export type Route =
  | { readonly kind: "chat"; readonly wire: Wire }
  | { readonly kind: "endpoint"; readonly operation: EndpointOperation }
  /** Why no call through Turnpike can have this answer. */
  | { readonly kind: "none"; readonly reason: string };

/** Dialects as the fixtures name them. */
const wires: Readonly<Record<string, Wire>> = {
  "openai-chat": "openai-chat",
  mistral: "openai-chat",
  "openai-responses": "openai-responses",
  "anthropic-messages": "anthropic-messages",
  gemini: "gemini",
  "bedrock-converse": "bedrock-converse",
  cohere: "cohere",
};

/** Endpoints beside chat, by the end of their path. */
const endpoints: readonly (readonly [RegExp, EndpointOperation])[] = [
  [/\/embed(dings)?$|:batchEmbedContents$|cohere\.embed[^/]*\/invoke$/, "embeddings"],
  [/\/rerank$/, "rerank"],
  [/\/v1\/completions$/, "completions"],
  [/\/moderations$/, "moderations"],
  [/\/images\/generations$/, "images"],
  [/\/count_tokens$|:countTokens$/, "count"],
];

const noRoute: readonly { readonly reason: string; is(recording: Recording): boolean }[] = [
  {
    reason: "Bedrock's InvokeModel, in the words of each vendor: Turnpike asks for Converse",
    is: ({ dialect, path }) => dialect === "bedrock-invoke" && !/cohere\.embed/.test(path ?? ""),
  },
  {
    reason: "Bedrock's Rerank API: Turnpike reranks by InvokeModel",
    is: ({ provider, dialect }) => provider === "bedrock" && dialect === "rerank",
  },
  {
    reason: "Cohere's first Chat API, which is withdrawn",
    is: ({ dialect, status }) => dialect === "cohere-v1" && status < 400,
  },
  {
    reason: "Ollama's own API: Turnpike asks for the one that is compatible with OpenAI's",
    is: ({ dialect }) => dialect === "ollama-chat" || dialect === "ollama-embeddings",
  },
  {
    reason: "completions in the words of a vendor that only its own SDK speaks",
    is: ({ provider, stream, dialect }) => provider === "writer" && dialect === "openai-completions" && stream,
  },
  {
    reason: "Replicate's predictions, an answer of which takes several requests (test/providers/replicate.test.ts)",
    is: ({ dialect }) => dialect === "replicate",
  },
  { reason: "Cohere's tokenizer, which Turnpike does not ask", is: ({ path }) => path === "/v1/tokenize" },
  {
    reason: "OpenAI's compaction of responses, which Turnpike does not offer",
    is: ({ path }) => path === "/v1/responses/compact",
  },
  {
    reason: "OpenAI's count of a response's input tokens, which Turnpike does not offer",
    is: ({ path }) => path === "/v1/responses/input_tokens",
  },
];

/** What the recording is. Throws for one that nobody has thought of. */
export function routeOf(recording: Recording): Route {
  const { dialect, path } = recording;
  const none = noRoute.find(({ is }) => is(recording));
  if (none !== undefined) return { kind: "none", reason: none.reason };
  const bare = (path ?? "").replace(/\?.*/, "");
  const endpoint = endpoints.find(([ends]) => ends.test(bare));
  if (endpoint !== undefined) return { kind: "endpoint", operation: endpoint[1] };
  const reason = whyNotInDialect(recording);
  if (reason !== null) return { kind: "none", reason };
  const wire = dialect === "cohere-v1" ? "cohere" : wires[dialect];
  if (wire === undefined) throw new Error(`nobody has said what ${recording.provider} ${recording.name} is`);
  return { kind: "chat", wire };
}

/** All recordings of all files. */
export const everything: readonly Recording[] = recordedProviders().flatMap((provider) => recordings(provider));
