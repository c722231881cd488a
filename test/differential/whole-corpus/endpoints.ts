// The endpoints beside chat: what to ask for so that a recording is the answer, and what an answer says.
import type { JsonObject, Recording } from "../../support/recordings.ts";
import type { EndpointOperation } from "./routes.ts";

// biome-ignore lint/suspicious/noExplicitAny: a reader that trusts the JSON of a recording needs no types of it.
type Json = any;

export interface EndpointCall {
  readonly path: string;
  readonly body: JsonObject;
}

const paths: Readonly<Record<Exclude<EndpointOperation, "count">, string>> = {
  embeddings: "/v1/embeddings",
  rerank: "/v1/rerank",
  completions: "/v1/completions",
  moderations: "/v1/moderations",
  images: "/v1/images/generations",
};

/** The call in OpenAI's shape, or in the provider's own for a count, to which the recording can be the answer. */
export function callOf(recording: Recording, operation: EndpointOperation, model: string): EndpointCall {
  const request = recording.request ?? {};
  switch (operation) {
    case "count":
      return countOf(recording, model);
    case "embeddings": {
      const own = recording.dialect === "openai-embeddings" && recording.status < 400;
      const texts = Array.from({ length: Math.max(1, vectorsOf(recording).length) }, (_, index) => `text ${index}`);
      return { path: paths.embeddings, body: own ? { ...request, model } : { model, input: texts } };
    }
    case "rerank": {
      const { top_k: top = request.top_n ?? null, ...rest } = request;
      return { path: paths.rerank, body: { ...rest, model, top_n: top } };
    }
    case "images":
      return { path: paths.images, body: { prompt: "A capybara", ...request, model } };
    default:
      return { path: paths[operation], body: { ...request, model } };
  }
}

function countOf({ dialect, request }: Recording, model: string): EndpointCall {
  if (dialect.startsWith("gemini")) return { path: `/v1beta/models/${model}:countTokens`, body: request ?? {} };
  return { path: "/v1/messages/count_tokens", body: { ...request, model } };
}

function vectorsOf({ response, status }: Recording): readonly Json[] {
  if (status >= 400) return [];
  const { data, embeddings } = JSON.parse(response);
  return data ?? embeddings.float ?? embeddings;
}

/**
 * What an answer says, in one form for all who answer: vectors as 32-bit numbers, ranks, texts with their ends, or the JSON
 * where there is one shape only.
 * @param provider whose own encodings are known.
 */
export function answerOf(operation: EndpointOperation, provider: string, text: string): unknown {
  switch (operation) {
    case "completions":
      return completionsOf(text);
    case "embeddings": {
      const { data, embeddings } = JSON.parse(text);
      return (data ?? embeddings.float ?? embeddings).map((entry: Json) => vectorOf(entry, provider));
    }
    case "rerank": {
      const { data, results } = JSON.parse(text);
      return (results ?? data).map((one: Json) => ({ index: one.index, score: one.relevance_score }));
    }
    case "count": {
      const body = JSON.parse(text);
      return body.input_tokens ?? body.totalTokens;
    }
    default:
      return JSON.parse(text);
  }
}

/** Plain numbers, or in OpenAI's or Gemini's object; in base64 they are little-endian floats, at Perplexity 8-bit integers. */
function vectorOf(entry: Json, provider: string): readonly number[] {
  const vector = Array.isArray(entry) ? entry : (entry.embedding ?? entry.values);
  if (typeof vector !== "string") return vector.map(Math.fround);
  const bytes = Buffer.from(vector, "base64");
  if (provider === "perplexity") return [...new Int8Array(bytes)];
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function completionsOf(text: string): readonly Json[] {
  const chunks: Json[] = text.trimStart().startsWith("{")
    ? [JSON.parse(text)]
    : text
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data: {"))
        .map((line) => JSON.parse(line.slice("data: ".length)));
  const choices: Json[] = [];
  for (const choice of chunks.flatMap((chunk) => chunk.choices ?? [])) {
    const { index = 0 } = choice;
    const known = choices[index] ?? { text: "", finish: null };
    choices[index] = { text: known.text + (choice.text ?? ""), finish: choice.finish_reason ?? known.finish };
  }
  return choices;
}
