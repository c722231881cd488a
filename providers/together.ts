// Together AI: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiListening, openaiSpeech } from "./endpoints/audio/openai.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { openaiImages } from "./endpoints/images/openai.ts";
import { jinaRerank } from "./endpoints/rerank/providers.ts";

export const together = defineProvider({
  id: "together",
  name: "Together AI",
  dialect: compatibleChat({ topK: true }),
  endpoints: {
    embeddings: openaiEmbeddings(),
    completions: completions(),
    images: openaiImages(),
    rerank: jinaRerank,
    speech: openaiSpeech(),
    transcriptions: openaiListening("/audio/transcriptions"),
  },
  baseUrl: "https://api.together.xyz/v1",
  auth: bearer("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"),
});
