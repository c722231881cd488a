// The providers' differences in reranking.
import { readError as bedrockError } from "../../dialects/bedrock-converse/error.ts";
import { readError as cohereError } from "../../dialects/cohere/error.ts";
import { rerank } from "./rerank.ts";

/** Cohere API reference, "Rerank API (v2)"; a search unit is a query with up to 100 documents ("Pricing"). */
export const cohereRerank = rerank({ path: "/v2/rerank", billsQueries: true, error: cohereError });

/** Voyage AI documentation, "Rerankers": `top_k`, and `data` in the answer. */
export const voyageRerank = rerank({ path: "/rerank", topField: "top_k", returnsDocuments: true });

/** Jina AI, "Reranker API"; Together documentation, "Rerank". */
export const jinaRerank = rerank({ path: "/rerank", returnsDocuments: true });

/** Behind `InvokeModel`, in Cohere's words (Amazon Bedrock user guide, "Cohere Rerank models"); no usage is reported. */
export const bedrockRerank = rerank({
  path: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  billsQueries: true,
  body: ({ query, documents, topN }) => ({
    query,
    documents,
    api_version: 2,
    ...(topN !== null && { top_n: topN }),
  }),
  error: bedrockError,
});
