// Groq: open models on its own chips (documentation, "OpenAI Compatibility").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiListening, openaiSpeech } from "./endpoints/audio/openai.ts";

export const groq = defineProvider({
  id: "groq",
  name: "Groq",
  dialect: compatibleChat({
    reasoningField: "reasoning",
    hidingReasoning: "include_reasoning",
    unsupported: ["choices", "logprobs", "logitBias"],
    // It refuses what it does not know ("property 'prompt_cache_key' is unsupported").
    hints: ["user"],
  }),
  endpoints: {
    transcriptions: openaiListening("/audio/transcriptions"),
    translations: openaiListening("/audio/translations"),
    speech: openaiSpeech(),
  },
  baseUrl: "https://api.groq.com/openai/v1",
  auth: bearer("GROQ_API_KEY"),
});
