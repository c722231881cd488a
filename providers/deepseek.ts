// DeepSeek: its own models (documentation, "Create Chat Completion", "Thinking Mode", "JSON Output").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";

export const deepseek = defineProvider({
  id: "deepseek",
  name: "DeepSeek",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["choices", "seed", "logitBias", "jsonSchema"],
  }),
  also: [openaiResponses({ vendor: null, plainReasoning: true, developerRole: false, leastOutputTokens: 1 })],
  baseUrl: "https://api.deepseek.com",
  auth: bearer("DEEPSEEK_API_KEY"),
});
