// Inception: the Mercury diffusion models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const inception = defineProvider({
  id: "inception",
  name: "Inception",
  dialect: compatibleChat(),
  baseUrl: "https://api.inceptionlabs.ai/v1",
  auth: bearer("INCEPTION_API_KEY"),
});
