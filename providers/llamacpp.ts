// llama.cpp's server, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const llamacpp = defineProvider({
  id: "llamacpp",
  name: "llama.cpp",
  dialect: compatibleChat({ reasoningField: "reasoning_content", topK: true }),
  baseUrl: "http://127.0.0.1:8080/v1",
  auth: bearer("LLAMACPP_API_KEY"),
  selfHosted: true,
});
