// Novita AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const novita = defineProvider({
  id: "novita",
  name: "Novita AI",
  dialect: compatibleChat({ topK: true }),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://api.novita.ai/openai/v1",
  auth: bearer("NOVITA_API_KEY"),
});
