// Perplexity: the Sonar models, which search the web and name their sources beside the answer.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const perplexity = defineProvider({
  id: "perplexity",
  name: "Perplexity",
  dialect: compatibleChat({
    unsupported: ["choices", "logprobs", "logitBias", "seed", "stop", "tools"],
    alternatingRoles: true,
  }),
  baseUrl: "https://api.perplexity.ai",
  endpoints: {
    embeddings: openaiEmbeddings({
      path: "/v1/embeddings",
      vendor: "Perplexity",
      encodingField: null,
      packed: "int8",
      tokens: false,
      unsupported: ["user"],
    }),
  },
  auth: bearer("PERPLEXITY_API_KEY"),
});
