// Fireworks AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const fireworks = defineProvider({
  id: "fireworks",
  name: "Fireworks AI",
  dialect: compatibleChat({ reasoningField: "reasoning_content", topK: true }),
  baseUrl: "https://api.fireworks.ai/inference/v1",
  auth: bearer("FIREWORKS_API_KEY"),
});
