// Embeddings on Vertex AI: `predict` for most models, `embedContent` for those after the first of Gemini's (Vertex AI documentation,
// "Text embeddings API").
import type { Unsupported } from "../../dialects/dialect.ts";
import { protocolFailure, readFailure } from "../../dialects/gemini/error.ts";
import { count, type Json, list, object, text } from "../../dialects/json.ts";
import type { Usage } from "../../dialects/usage.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { refuseMembers, refuseTokens, textsOf } from "./input.ts";
import { embeddingList, vectorOf } from "./vectors.ts";

export const vertexEmbeddings: EndpointDialect = {
  path: ({ model }) =>
    `/publishers/google/models/${encodeURIComponent(model)}:${embedsContent(model) ? "embedContent" : "predict"}`,
  encode(body, { model }) {
    const unsupported = [...refuseTokens(body, "Vertex AI"), ...refuseMembers(body, ["user"], "Vertex AI")];
    return {
      kind: "body",
      body: embedsContent(model) ? content(body) : instances(body),
      unsupported: [...unsupported, ...refuseSeveral(body, model)],
    };
  },
  decode(answer, asked) {
    const rows = embedsContent(asked.model) ? [object(answer.embedding)] : predictions(answer);
    const vectors = rows.map((row) => vectorOf(row?.values)).filter((vector) => vector !== null);
    if (vectors.length === 0 || vectors.length < rows.length) {
      return protocolFailure("The provider's answer holds no embeddings.");
    }
    return { write: (usage) => embeddingList(vectors, asked, usage), usage: usageOf(answer, rows) };
  },
  error: (status, headers, body) => readFailure(status, body, headers),
};

function embedsContent(model: string): boolean {
  return /^gemini-embedding-([2-9]|\d\d$)/.test(model);
}

function instances(body: Json): Json {
  const dimensions = count(body.dimensions);
  const taskType = text(body.task_type);
  return {
    instances: textsOf(body).map((content) => ({ content, ...(taskType !== null && { task_type: taskType }) })),
    // A text that is too long is an error, as at OpenAI, and not cut in silence.
    parameters: { autoTruncate: false, ...(dimensions !== null && { outputDimensionality: dimensions }) },
  };
}

function content(body: Json): Json {
  const dimensions = count(body.dimensions);
  const taskType = text(body.task_type);
  return {
    content: { parts: [{ text: textsOf(body)[0] ?? "" }] },
    autoTruncate: false,
    ...(taskType !== null && { taskType }),
    ...(dimensions !== null && { outputDimensionality: dimensions }),
  };
}

/** Gemini's take one text a request. */
function refuseSeveral(body: Json, model: string): readonly Unsupported[] {
  if (textsOf(body).length <= 1 || !model.startsWith("gemini-embedding")) return [];
  return [
    {
      member: "input",
      reason: "holds several texts, and this model embeds one at a time on Vertex AI",
      droppable: false,
    },
  ];
}

function predictions(answer: Json): readonly (Json | null)[] {
  return list(answer.predictions).map((row) => object(object(row)?.embeddings));
}

function usageOf(answer: Json, rows: readonly (Json | null)[]): Usage | null {
  const counted = rows.map((row) => count(object(row?.statistics)?.token_count));
  const known = counted.filter((tokens) => tokens !== null);
  const summed = known.length === rows.length ? known.reduce((sum, tokens) => sum + tokens, 0) : null;
  const tokens = count(object(answer.usageMetadata)?.promptTokenCount) ?? summed;
  return tokens === null ? null : { inputTokens: tokens, outputTokens: 0 };
}
