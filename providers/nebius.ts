// Nebius: open models; the suffix `-fast` is a dearer endpoint of the same weights.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { completions } from "./endpoints/completions/openai.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";
import { openaiImages } from "./endpoints/images/openai.ts";

export const nebius = defineProvider({
  id: "nebius",
  name: "Nebius Token Factory",
  dialect: compatibleChat({ topK: true }),
  endpoints: { embeddings: openaiEmbeddings(), completions: completions(), images: openaiImages() },
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  auth: bearer("NEBIUS_API_KEY"),
});
