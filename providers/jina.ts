// Jina AI: embeddings and reranking, no chat at this address (Jina AI, "Embedding API", "Reranker API").
import { bearer, defineProvider } from "./define.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { jinaRerank } from "./endpoints/rerank/providers.ts";

export const jina = defineProvider({
  id: "jina",
  name: "Jina AI",
  baseUrl: "https://api.jina.ai/v1",
  auth: bearer("JINA_API_KEY"),
  endpoints: {
    rerank: jinaRerank,
    embeddings: openaiEmbeddings({
      vendor: "Jina",
      encodingField: "embedding_type",
      tokens: false,
      unsupported: ["user"],
    }),
  },
});
