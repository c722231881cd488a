// GitHub Models: models of several makers, free and narrowly limited.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const githubModels = defineProvider({
  id: "github-models",
  name: "GitHub Models",
  dialect: compatibleChat(),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://models.github.ai/inference",
  auth: bearer("GITHUB_MODELS_TOKEN", "GITHUB_TOKEN"),
});
