// Together AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const together = defineProvider({
  id: "together",
  name: "Together AI",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.together.xyz/v1",
  auth: bearer("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"),
});
