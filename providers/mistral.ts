// Mistral AI: its own models, whose API refuses members that it does not know (documentation, "Chat completions").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const mistral = defineProvider({
  id: "mistral",
  name: "Mistral AI",
  dialect: compatibleChat({
    reasoningField: "thinking",
    streamOptions: false,
    unsupported: ["logprobs", "logitBias", "user"],
    requiredTool: "any",
    seedField: "random_seed",
    callIds: "nine",
  }),
  baseUrl: "https://api.mistral.ai/v1",
  auth: bearer("MISTRAL_API_KEY"),
});
