// Moonshot AI in China, which has keys of its own.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const moonshotaiCn = defineProvider({
  id: "moonshotai-cn",
  name: "Moonshot AI (China)",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["seed"],
  }),
  baseUrl: "https://api.moonshot.cn/v1",
  auth: bearer("MOONSHOT_CN_API_KEY"),
});
