// AI21 Labs: the Jamba models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const ai21 = defineProvider({
  id: "ai21",
  name: "AI21 Labs",
  dialect: compatibleChat({ unsupported: ["logprobs", "seed", "presencePenalty", "frequencyPenalty"] }),
  baseUrl: "https://api.ai21.com/studio/v1",
  auth: bearer("AI21_API_KEY"),
});
