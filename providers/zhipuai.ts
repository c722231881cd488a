// Zhipu AI: Z.ai in China, which has keys of its own.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const zhipuai = defineProvider({
  id: "zhipuai",
  name: "Zhipu AI",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["choices", "logprobs", "presencePenalty", "frequencyPenalty", "toolChoice"],
  }),
  baseUrl: "https://open.bigmodel.cn/api/paas/v4",
  auth: bearer("ZHIPU_API_KEY", "ZHIPUAI_API_KEY"),
});
