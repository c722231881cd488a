// OpenAI, in its own two dialects.
import { bearer, defineProvider } from "./define.ts";
import { openaiChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const openai = defineProvider({
  id: "openai",
  name: "OpenAI",
  dialect: openaiChat(),
  also: [openaiResponses()],
  baseUrl: "https://api.openai.com/v1",
  endpoints: { embeddings: openaiEmbeddings() },
  auth: bearer("OPENAI_API_KEY"),
  forwardHeaders: ["openai-organization", "openai-project"],
});
