// LM Studio, run by the operator.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiResponses } from "./dialects/openai-responses/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const lmstudio = defineProvider({
  id: "lmstudio",
  name: "LM Studio",
  dialect: compatibleChat({ topK: true }),
  also: [openaiResponses({ vendor: null, developerRole: false, leastOutputTokens: 1 })],
  endpoints: { embeddings: openaiEmbeddings(), completions: completions() },
  baseUrl: "http://127.0.0.1:1234/v1",
  auth: bearer("LMSTUDIO_API_KEY"),
  selfHosted: true,
});
