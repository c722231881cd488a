// Vultr: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const vultr = defineProvider({
  id: "vultr",
  name: "Vultr",
  dialect: compatibleChat(),
  baseUrl: "https://api.vultrinference.com/v1",
  auth: bearer("VULTR_API_KEY"),
});
