// Chutes: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const chutes = defineProvider({
  id: "chutes",
  name: "Chutes",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://llm.chutes.ai/v1",
  auth: bearer("CHUTES_API_KEY"),
});
