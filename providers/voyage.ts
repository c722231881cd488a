// Voyage AI: embeddings and reranking, no chat (Voyage AI documentation, "Text Embeddings", "Rerankers").
import { bearer, defineProvider } from "./define.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { voyageRerank } from "./endpoints/rerank/providers.ts";

export const voyage = defineProvider({
  id: "voyage",
  name: "Voyage AI",
  baseUrl: "https://api.voyageai.com/v1",
  auth: bearer("VOYAGE_API_KEY"),
  endpoints: {
    rerank: voyageRerank,
    embeddings: openaiEmbeddings({
      vendor: "Voyage",
      dimensionsField: "output_dimension",
      saysFloat: false,
      tokens: false,
      unsupported: ["user"],
    }),
  },
});
