// Perplexity: the Sonar models, which search the web and name their sources beside the answer.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const perplexity = defineProvider({
  id: "perplexity",
  name: "Perplexity",
  dialect: compatibleChat({
    unsupported: ["choices", "logprobs", "logitBias", "seed", "stop", "tools"],
    alternatingRoles: true,
  }),
  baseUrl: "https://api.perplexity.ai",
  auth: bearer("PERPLEXITY_API_KEY"),
});
