// Nscale: open models in Europe.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const nscale = defineProvider({
  id: "nscale",
  name: "Nscale",
  dialect: compatibleChat(),
  baseUrl: "https://inference.api.nscale.com/v1",
  auth: bearer("NSCALE_API_KEY"),
});
