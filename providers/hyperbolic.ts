// Hyperbolic: open models.
import { bearer, defineProvider } from "./define.ts";
import { compatibleChat } from "./dialects/openai-chat/index.ts";

export const hyperbolic = defineProvider({
  id: "hyperbolic",
  name: "Hyperbolic",
  dialect: compatibleChat({ topK: true }),
  baseUrl: "https://api.hyperbolic.xyz/v1",
  auth: bearer("HYPERBOLIC_API_KEY"),
});
