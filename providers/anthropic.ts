// Anthropic: Claude models over their own API.
import { defineProvider, header } from "./define.ts";
import { anthropicMessages } from "./dialects/anthropic-messages/index.ts";

export const anthropic = defineProvider({
  id: "anthropic",
  name: "Anthropic",
  dialect: anthropicMessages,
  baseUrl: "https://api.anthropic.com",
  auth: header("x-api-key", "ANTHROPIC_API_KEY"),
  headers: { "anthropic-version": "2023-06-01" },
  forwardHeaders: ["anthropic-beta", "anthropic-version"],
});
