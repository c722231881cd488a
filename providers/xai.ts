// xAI: the Grok models (documentation, "Reasoning", for what they refuse).
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { openaiImages } from "./endpoints/images/openai.ts";

export const xai = defineProvider({
  id: "xai",
  name: "xAI",
  dialect: compatibleChat({
    maxTokensField: "max_completion_tokens",
    unsupported: ["presencePenalty", "frequencyPenalty", "stop"],
  }),
  also: [openaiResponses({ vendor: "xai", leastOutputTokens: 1 })],
  endpoints: { embeddings: openaiEmbeddings(), images: openaiImages() },
  baseUrl: "https://api.x.ai/v1",
  auth: bearer("XAI_API_KEY"),
});
