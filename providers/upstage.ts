// Upstage: the Solar models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const upstage = defineProvider({
  id: "upstage",
  name: "Upstage",
  dialect: compatibleChat(),
  baseUrl: "https://api.upstage.ai/v1/solar",
  auth: bearer("UPSTAGE_API_KEY"),
});
