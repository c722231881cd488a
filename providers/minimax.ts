// MiniMax: its own models, over the Anthropic-compatible endpoint that its documentation recommends.
import { bearer, defineProvider } from "./define.ts";
import { anthropicMessages } from "./dialects/anthropic-messages/index.ts";

export const minimax = defineProvider({
  id: "minimax",
  name: "MiniMax",
  dialect: anthropicMessages,
  baseUrl: "https://api.minimax.io/anthropic",
  auth: bearer("MINIMAX_API_KEY"),
  headers: { "anthropic-version": "2023-06-01" },
  forwardHeaders: ["anthropic-beta", "anthropic-version"],
});
