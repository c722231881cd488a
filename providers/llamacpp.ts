// llama.cpp's server, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const llamacpp = defineProvider({
  id: "llamacpp",
  name: "llama.cpp",
  dialect: compatibleChat({ reasoningField: "reasoning_content", topK: true }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions() },
  baseUrl: "http://127.0.0.1:8080/v1",
  auth: bearer("LLAMACPP_API_KEY"),
  selfHosted: true,
});
