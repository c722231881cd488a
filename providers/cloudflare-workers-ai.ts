// Cloudflare Workers AI: open models, under the account that pays for them.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";
import { openaiEmbeddings } from "./endpoints/embeddings/openai.ts";

export const cloudflareWorkersAi = defineProvider({
  id: "cloudflare-workers-ai",
  name: "Cloudflare Workers AI",
  dialect: compatibleChat({ topK: true }),
  endpoints: { embeddings: openaiEmbeddings() },
  baseUrl: "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1",
  auth: bearer("CLOUDFLARE_API_KEY", "CLOUDFLARE_API_TOKEN"),
});
