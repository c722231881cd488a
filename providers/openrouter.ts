// OpenRouter: a gateway to many providers (documentation, "Reasoning Tokens", "Prompt Caching").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const openrouter = defineProvider({
  id: "openrouter",
  name: "OpenRouter",
  dialect: compatibleChat({
    maxTokensField: null,
    developerRole: true,
    reasoningField: "reasoning_details",
    reasoningParameter: "reasoning",
    cacheControl: true,
    topK: true,
    thinkTags: false,
  }),
  baseUrl: "https://openrouter.ai/api/v1",
  endpoints: { embeddings: openaiEmbeddings(), completions: completions() },
  auth: bearer("OPENROUTER_API_KEY"),
  // OpenRouter documentation, "App Attribution".
  forwardHeaders: ["http-referer", "x-title"],
});
