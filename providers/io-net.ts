// io.net: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const ioNet = defineProvider({
  id: "io-net",
  name: "io.net",
  dialect: compatibleChat(),
  baseUrl: "https://api.intelligence.io.solutions/api/v1",
  auth: bearer("IOINTELLIGENCE_API_KEY"),
});
