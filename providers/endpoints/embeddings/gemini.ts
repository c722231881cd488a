// Embeddings of the Gemini API: `batchEmbedContents` (Gemini API reference, "Embeddings").
import { protocolFailure, readFailure } from "../../dialects/gemini/error.ts";
import { count, list, object } from "../../dialects/json.ts";
import type { Usage } from "../../dialects/usage.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { refuseMembers, refuseTokens, textsOf } from "./input.ts";
import { embeddingList, vectorOf } from "./vectors.ts";

export const geminiEmbeddings: EndpointDialect = {
  path: ({ model }) => `/models/${encodeURIComponent(model)}:batchEmbedContents`,
  encode(body, { model }) {
    const dimensions = count(body.dimensions);
    const requests = textsOf(body).map((text) => ({
      model: `models/${model}`,
      content: { parts: [{ text }] },
      ...(dimensions !== null && { outputDimensionality: dimensions }),
      ...(typeof body.task_type === "string" && { taskType: body.task_type }),
    }));
    const unsupported = [...refuseTokens(body, "Gemini"), ...refuseMembers(body, ["user"], "Gemini")];
    return { kind: "body", body: { requests }, unsupported };
  },
  decode(answer, asked) {
    const vectors = list(answer.embeddings).map((item) => vectorOf(object(item)?.values));
    const whole = vectors.filter((vector) => vector !== null);
    if (whole.length === 0 || whole.length < vectors.length) {
      return protocolFailure("The provider's answer holds no embeddings.");
    }
    // Older models do not report their tokens.
    const tokens = count(object(answer.usageMetadata)?.promptTokenCount);
    const usage: Usage | null = tokens === null ? null : { inputTokens: tokens, outputTokens: 0 };
    return { write: (final) => embeddingList(whole, asked, final), usage };
  },
  error: (status, headers, body) => readFailure(status, body, headers),
};
