// Nebius: open models; the suffix `-fast` is a dearer endpoint of the same weights.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const nebius = defineProvider({
  id: "nebius",
  name: "Nebius Token Factory",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  auth: bearer("NEBIUS_API_KEY"),
});
