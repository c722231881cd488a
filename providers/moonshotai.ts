// Moonshot AI: the Kimi models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const moonshotai = defineProvider({
  id: "moonshotai",
  name: "Moonshot AI",
  dialect: compatibleChat({
    reasoningField: "reasoning_content",
    reasoningParameter: "thinking",
    unsupported: ["seed"],
  }),
  baseUrl: "https://api.moonshot.ai/v1",
  auth: bearer("MOONSHOT_API_KEY"),
});
