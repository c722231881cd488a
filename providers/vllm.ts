// vLLM, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const vllm = defineProvider({
  id: "vllm",
  name: "vLLM",
  dialect: compatibleChat({ reasoningField: "reasoning", topK: true }),
  baseUrl: "http://127.0.0.1:8000/v1",
  auth: bearer("VLLM_API_KEY"),
  selfHosted: true,
});
