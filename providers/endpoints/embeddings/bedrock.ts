// Embeddings of Amazon Bedrock, behind `InvokeModel`: each vendor's own body (Amazon Bedrock user guide, "Inference request parameters").
import { protocolFailure, readError } from "../../dialects/bedrock-converse/error.ts";
import type { Unsupported } from "../../dialects/dialect.ts";
import { count, type Json, list, object } from "../../dialects/json.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { cohereMembers, cohereVectors, headerTokens } from "./cohere.ts";
import { refuseMembers, refuseTokens, textsOf } from "./input.ts";
import { embeddingList, vectorOf } from "./vectors.ts";

export const bedrockEmbeddings: EndpointDialect = {
  path: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  encode(body, { model }) {
    const unsupported = [...refuseTokens(body, "Bedrock"), ...refuseMembers(body, ["user"], "Bedrock")];
    switch (familyOf(model)) {
      case "cohere":
        return { kind: "body", body: cohereMembers(body), unsupported };
      case "titan":
        return {
          kind: "body",
          body: titanBody(body, model),
          unsupported: [...unsupported, ...refusedByTitan(body, model)],
        };
      case "nova":
        return {
          kind: "body",
          body: novaBody(body),
          unsupported: [...unsupported, ...refuseSeveral(body, "Nova")],
        };
      case null:
        return {
          kind: "body",
          body: {},
          unsupported: [
            { member: "model", reason: "is a model whose embeddings this gateway can't ask for", droppable: false },
          ],
        };
    }
  },
  decode(answer, asked) {
    const titan = vectorOf(answer.embedding);
    const vectors = titan === null ? (cohereVectors(answer) ?? novaVectors(answer)) : [titan];
    if (vectors === null) return protocolFailure("The provider's answer holds no embeddings.");
    const tokens = count(answer.inputTextTokenCount);
    const usage = tokens === null ? headerTokens(asked.header) : { inputTokens: tokens, outputTokens: 0 };
    return { write: (final) => embeddingList(vectors, asked, final), usage };
  },
  error: readError,
};

/** By the model's id, which may have a region before it: `amazon.titan-embed-text-v2:0`, `us.cohere.embed-v4:0`. */
function familyOf(model: string): "cohere" | "titan" | "nova" | null {
  if (model.includes("cohere.embed")) return "cohere";
  if (/amazon\.nova-.*embeddings/.test(model)) return "nova";
  return /titan-embed-(text|g1-text|image)/.test(model) ? "titan" : null;
}

function titanBody(body: Json, model: string): Json {
  const dimensions = count(body.dimensions);
  return { inputText: textsOf(body)[0] ?? "", ...(dimensions !== null && dimensionsOf(model, dimensions)) };
}

/** The first generation has one size, and the one for pictures a place of its own for it. */
function dimensionsOf(model: string, dimensions: number): Json {
  if (model.includes("titan-embed-image")) return { embeddingConfig: { outputEmbeddingLength: dimensions } };
  return model.includes("titan-embed-text-v2") ? { dimensions } : {};
}

function refusedByTitan(body: Json, model: string): readonly Unsupported[] {
  const sized = Object.keys(dimensionsOf(model, 1)).length > 0;
  return [...refuseSeveral(body, "Titan"), ...(sized ? [] : refuseMembers(body, ["dimensions"], "this model"))];
}

function refuseSeveral(body: Json, vendor: string): readonly Unsupported[] {
  if (textsOf(body).length <= 1) return [];
  return [{ member: "input", reason: `holds several texts, and ${vendor} embeds one at a time`, droppable: false }];
}

/**
 * Amazon Nova user guide, "Complete embeddings request and response schema". What is stored to be searched in is the likelier use,
 * as with Cohere; a client may say `embedding_purpose` itself. A text that is too long is an error, and not cut in silence.
 */
function novaBody(body: Json): Json {
  const dimensions = count(body.dimensions);
  return {
    taskType: "SINGLE_EMBEDDING",
    singleEmbeddingParams: {
      embeddingPurpose: typeof body.embedding_purpose === "string" ? body.embedding_purpose : "GENERIC_INDEX",
      ...(dimensions !== null && { embeddingDimension: dimensions }),
      text: { truncationMode: "NONE", value: textsOf(body)[0] ?? "" },
    },
  };
}

/** `embeddings`, each with its type beside it; null when there are none. */
function novaVectors(answer: Json): readonly (readonly number[])[] | null {
  const vectors = list(answer.embeddings).map((item) => vectorOf(object(item)?.embedding));
  const whole = vectors.filter((vector) => vector !== null);
  return whole.length > 0 && whole.length === vectors.length ? whole : null;
}
