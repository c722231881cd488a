// Alibaba Model Studio: the Qwen models (documentation, "Deep thinking", "Context Cache").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const alibaba = defineProvider({
  id: "alibaba",
  name: "Alibaba Model Studio",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "enable_thinking",
    cacheControl: true,
    topK: true,
    unsupported: ["frequencyPenalty"],
  }),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  auth: bearer("DASHSCOPE_API_KEY", "ALIBABA_API_KEY"),
});
