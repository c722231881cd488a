// Ollama Cloud: open models, behind the same API as a local Ollama.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const ollamaCloud = defineProvider({
  id: "ollama-cloud",
  name: "Ollama Cloud",
  dialect: compatibleChat({ reasoningField: "reasoning" }),
  baseUrl: "https://ollama.com/v1",
  auth: bearer("OLLAMA_API_KEY"),
});
