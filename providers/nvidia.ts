// NVIDIA: open models of the API catalogue, on trial credits.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const nvidia = defineProvider({
  id: "nvidia",
  name: "NVIDIA NIM",
  dialect: compatibleChat(),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://integrate.api.nvidia.com/v1",
  auth: bearer("NVIDIA_API_KEY"),
});
