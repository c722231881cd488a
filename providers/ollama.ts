// Ollama, run by the operator. Its base URL ends in `/v1`; `num_ctx` can be set in its Modelfile only.
import { defineProvider, noKey } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const ollama = defineProvider({
  id: "ollama",
  name: "Ollama",
  dialect: compatibleChat({ reasoningField: "reasoning" }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions() },
  baseUrl: "http://127.0.0.1:11434/v1",
  auth: noKey,
  selfHosted: true,
});
