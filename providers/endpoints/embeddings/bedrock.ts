// Embeddings of Amazon Bedrock, behind `InvokeModel`: each vendor's own body (Amazon Bedrock user guide, "Inference request parameters").
import { protocolFailure, readError } from "../../dialects/bedrock-converse/error.ts";
import type { Unsupported } from "../../dialects/dialect.ts";
import { count, type Json } from "../../dialects/openai-chat/json.ts";
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
    const vectors = titan === null ? cohereVectors(answer) : [titan];
    if (vectors === null) return protocolFailure("The provider's answer holds no embeddings.");
    const tokens = count(answer.inputTextTokenCount);
    const usage = tokens === null ? headerTokens(asked.header) : { inputTokens: tokens, outputTokens: 0 };
    return { write: (final) => embeddingList(vectors, asked, final), usage };
  },
  error: readError,
};

/** By the model's id, which may have a region before it: `amazon.titan-embed-text-v2:0`, `us.cohere.embed-v4:0`. */
function familyOf(model: string): "cohere" | "titan" | null {
  if (model.includes("cohere.embed")) return "cohere";
  return model.includes("titan-embed-text") || model.includes("titan-embed-g1-text") ? "titan" : null;
}

function titanBody(body: Json, model: string): Json {
  const dimensions = isSecondTitan(model) ? count(body.dimensions) : null;
  return { inputText: textsOf(body)[0] ?? "", ...(dimensions !== null && { dimensions }) };
}

function refusedByTitan(body: Json, model: string): readonly Unsupported[] {
  const several: Unsupported = {
    member: "input",
    reason: "holds several texts, and Titan embeds one at a time",
    droppable: false,
  };
  return [
    ...(textsOf(body).length > 1 ? [several] : []),
    ...(isSecondTitan(model) ? [] : refuseMembers(body, ["dimensions"], "this model")),
  ];
}

function isSecondTitan(model: string): boolean {
  return model.includes("titan-embed-text-v2");
}
