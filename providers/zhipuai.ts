// Zhipu AI: Z.ai in China, which has keys of its own.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const zhipuai = defineProvider({
  id: "zhipuai",
  name: "Zhipu AI",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["choices", "logprobs", "presencePenalty", "frequencyPenalty", "toolChoice"],
  }),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://open.bigmodel.cn/api/paas/v4",
  auth: bearer("ZHIPU_API_KEY", "ZHIPUAI_API_KEY"),
});
