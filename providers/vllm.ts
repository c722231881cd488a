// vLLM, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const vllm = defineProvider({
  id: "vllm",
  name: "vLLM",
  dialect: compatibleChat({ reasoningField: "reasoning", hidingReasoning: "include_reasoning", topK: true }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions() },
  baseUrl: "http://127.0.0.1:8000/v1",
  auth: bearer("VLLM_API_KEY"),
  selfHosted: true,
});
