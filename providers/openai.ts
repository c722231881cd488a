// OpenAI, in its own dialect.
import { bearer, defineProvider } from "./define.ts";
import { openaiChat } from "./dialects/openai-chat/index.ts";

export const openai = defineProvider({
  id: "openai",
  name: "OpenAI",
  dialect: openaiChat(),
  baseUrl: "https://api.openai.com/v1",
  auth: bearer("OPENAI_API_KEY"),
  forwardHeaders: ["openai-organization", "openai-project"],
});
