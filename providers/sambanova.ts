// SambaNova: open models on its own chips (documentation, "OpenAI compatibility").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const sambanova = defineProvider({
  id: "sambanova",
  name: "SambaNova",
  dialect: compatibleChat({
    topK: true,
    unsupported: ["choices", "logprobs", "logitBias", "seed", "presencePenalty", "frequencyPenalty"],
  }),
  baseUrl: "https://api.sambanova.ai/v1",
  auth: bearer("SAMBANOVA_API_KEY"),
});
