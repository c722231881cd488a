// Cohere: Command models over their own API.
import { bearer, defineProvider } from "./define.ts";
import { cohereChat } from "./dialects/cohere/index.ts";
import { cohereEmbeddings } from "./endpoints/embeddings/cohere.ts";
import { cohereRerank } from "./endpoints/rerank/providers.ts";

export const cohere = defineProvider({
  id: "cohere",
  name: "Cohere",
  dialect: cohereChat,
  baseUrl: "https://api.cohere.com",
  endpoints: { embeddings: cohereEmbeddings, rerank: cohereRerank },
  auth: bearer("COHERE_API_KEY", "CO_API_KEY"),
});
