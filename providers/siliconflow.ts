// SiliconFlow: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const siliconflow = defineProvider({
  id: "siliconflow",
  name: "SiliconFlow",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.siliconflow.com/v1",
  auth: bearer("SILICONFLOW_API_KEY"),
});
