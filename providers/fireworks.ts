// Fireworks AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { jinaRerank } from "./endpoints/rerank/providers.ts";

export const fireworks = defineProvider({
  id: "fireworks",
  name: "Fireworks AI",
  dialect: compatibleChat({ reasoningField: "reasoning_content", topK: true }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions(), rerank: jinaRerank },
  baseUrl: "https://api.fireworks.ai/inference/v1",
  auth: bearer("FIREWORKS_API_KEY"),
});
