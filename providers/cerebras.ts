// Cerebras: open models on its own chips (documentation, "OpenAI Compatibility").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const cerebras = defineProvider({
  id: "cerebras",
  name: "Cerebras",
  dialect: compatibleChat({
    maxTokensField: "max_completion_tokens",
    reasoningField: "reasoning",
    unsupported: ["presencePenalty", "frequencyPenalty", "logitBias"],
  }),
  baseUrl: "https://api.cerebras.ai/v1",
  auth: bearer("CEREBRAS_API_KEY"),
});
