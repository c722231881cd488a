// Mistral AI: its own models, whose API refuses members that it does not know (documentation, "Chat completions").
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiListening } from "./endpoints/audio/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { mistralModerations } from "./endpoints/moderations/openai.ts";

export const mistral = defineProvider({
  id: "mistral",
  name: "Mistral AI",
  dialect: compatibleChat({
    reasoningField: "thinking",
    streamOptions: false,
    unsupported: ["logprobs", "logitBias", "user"],
    hints: ["prompt_cache_key", "prediction"],
    requiredTool: "any",
    seedField: "random_seed",
    callIds: "nine",
  }),
  baseUrl: "https://api.mistral.ai/v1",
  endpoints: {
    moderations: mistralModerations(),
    transcriptions: openaiListening("/audio/transcriptions"),
    embeddings: openaiEmbeddings({
      vendor: "Mistral",
      dimensionsField: "output_dimension",
      encodingField: null,
      tokens: false,
      unsupported: ["user"],
    }),
  },
  auth: bearer("MISTRAL_API_KEY"),
});
