// Xiaomi: the MiMo models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const xiaomi = defineProvider({
  id: "xiaomi",
  name: "Xiaomi",
  dialect: compatibleChat(),
  baseUrl: "https://api.xiaomimimo.com/v1",
  auth: bearer("XIAOMI_API_KEY"),
});
