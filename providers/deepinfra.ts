// DeepInfra: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { openaiImages } from "./endpoints/images/openai.ts";

export const deepinfra = defineProvider({
  id: "deepinfra",
  name: "DeepInfra",
  dialect: compatibleChat({ topK: true }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions(), images: openaiImages() },
  baseUrl: "https://api.deepinfra.com/v1/openai",
  auth: bearer("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"),
});
