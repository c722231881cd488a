// Scaleway: open models in Europe.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const scaleway = defineProvider({
  id: "scaleway",
  name: "Scaleway",
  dialect: compatibleChat(),
  baseUrl: "https://api.scaleway.ai/v1",
  auth: bearer("SCALEWAY_API_KEY"),
});
