// Z.ai: the GLM models (API reference, "Chat Completion").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const zai = defineProvider({
  id: "zai",
  name: "Z.ai",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["choices", "logprobs", "presencePenalty", "frequencyPenalty", "toolChoice"],
  }),
  baseUrl: "https://api.z.ai/api/paas/v4",
  auth: bearer("ZAI_API_KEY"),
});
