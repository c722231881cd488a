// DeepInfra: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const deepinfra = defineProvider({
  id: "deepinfra",
  name: "DeepInfra",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.deepinfra.com/v1/openai",
  auth: bearer("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"),
});
