// Alibaba Model Studio in China, which has keys of its own.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const alibabaCn = defineProvider({
  id: "alibaba-cn",
  name: "Alibaba Model Studio (China)",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "enable_thinking",
    cacheControl: true,
    topK: true,
    unsupported: ["frequencyPenalty"],
  }),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
  auth: bearer("DASHSCOPE_CN_API_KEY"),
});
