// Cohere's embeddings (Cohere API reference, "Embed API (v2)").
import { protocolFailure, readError } from "../../dialects/cohere/error.ts";
import type { HeaderLookup } from "../../dialects/dialect.ts";
import { count, type Json, list, object } from "../../dialects/json.ts";
import type { Usage } from "../../dialects/usage.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { refuseMembers, refuseTokens, textsOf } from "./input.ts";
import { embeddingList, vectorOf } from "./vectors.ts";

export const cohereEmbeddings: EndpointDialect = {
  path: () => "/v2/embed",
  encode(body, { model }) {
    const unsupported = [...refuseTokens(body, "Cohere"), ...refuseMembers(body, ["user"], "Cohere")];
    return { kind: "body", body: { model, ...cohereMembers(body) }, unsupported };
  },
  decode(answer, asked) {
    const vectors = cohereVectors(answer);
    if (vectors === null) return protocolFailure("The provider's answer holds no embeddings.");
    return { write: (usage) => embeddingList(vectors, asked, usage), usage: billedTokens(answer) };
  },
  error: readError,
};

/**
 * Cohere asks what the texts are for; what is stored to be searched in is the likelier use, and both sides of a search
 * may say `input_type` themselves.
 */
export function cohereMembers(body: Json): Json {
  const dimensions = count(body.dimensions);
  return {
    texts: textsOf(body),
    input_type: typeof body.input_type === "string" ? body.input_type : "search_document",
    embedding_types: ["float"],
    ...(dimensions !== null && { output_dimension: dimensions }),
    ...(typeof body.truncate === "string" && { truncate: body.truncate }),
  };
}

/** `embeddings.float`, or the plain list of older models; null when there is neither. */
export function cohereVectors(answer: Json): readonly (readonly number[])[] | null {
  const rows = list(object(answer.embeddings)?.float ?? answer.embeddings).map(vectorOf);
  const whole = rows.filter((row) => row !== null);
  return whole.length > 0 && whole.length === rows.length ? whole : null;
}

function billedTokens(answer: Json): Usage | null {
  const billed = object(object(answer.meta)?.billed_units);
  const text = count(billed?.input_tokens);
  return text === null ? null : { inputTokens: text + (count(billed?.image_tokens) ?? 0), outputTokens: 0 };
}

/** Bedrock tells the input's tokens in a header (Amazon Bedrock API reference, "InvokeModel"). */
export function headerTokens(header: HeaderLookup): Usage | null {
  const text = header("x-amzn-bedrock-input-token-count");
  const tokens = text === null || text === "" ? null : count(Number(text));
  return tokens === null ? null : { inputTokens: tokens, outputTokens: 0 };
}
