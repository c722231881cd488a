// Novita AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const novita = defineProvider({
  id: "novita",
  name: "Novita AI",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.novita.ai/openai/v1",
  auth: bearer("NOVITA_API_KEY"),
});
