// OpenRouter: a gateway to many providers (documentation, "Reasoning Tokens", "Prompt Caching").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const openrouter = defineProvider({
  id: "openrouter",
  name: "OpenRouter",
  dialect: compatibleChat({
    reasoningField: "reasoning_details",
    reasoningParameter: "reasoning",
    cacheControl: true,
    topK: true,
    thinkTags: false,
  }),
  baseUrl: "https://openrouter.ai/api/v1",
  auth: bearer("OPENROUTER_API_KEY"),
  // OpenRouter documentation, "App Attribution".
  forwardHeaders: ["http-referer", "x-title"],
});
