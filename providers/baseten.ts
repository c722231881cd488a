// Baseten: its shared Model APIs; a dedicated deployment has a base URL of its own.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const baseten = defineProvider({
  id: "baseten",
  name: "Baseten",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://inference.baseten.co/v1",
  auth: bearer("BASETEN_API_KEY"),
});
