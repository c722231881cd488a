// Meta: the Llama models, over its OpenAI-compatible endpoint.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const metaLlama = defineProvider({
  id: "meta-llama",
  name: "Meta Llama API",
  dialect: compatibleChat(),
  baseUrl: "https://api.llama.com/compat/v1",
  auth: bearer("LLAMA_API_KEY"),
});
