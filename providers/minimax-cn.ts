// MiniMax in China, which has keys of its own.
import { bearer, defineProvider } from "./define.ts";
import { anthropicMessages } from "./dialects/anthropic-messages/index.ts";

export const minimaxCn = defineProvider({
  id: "minimax-cn",
  name: "MiniMax (China)",
  dialect: anthropicMessages,
  baseUrl: "https://api.minimaxi.com/anthropic",
  auth: bearer("MINIMAX_CN_API_KEY"),
  headers: { "anthropic-version": "2023-06-01" },
  forwardHeaders: ["anthropic-beta", "anthropic-version"],
});
