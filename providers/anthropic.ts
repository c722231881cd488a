// Anthropic: Claude models over their own API.
import { defineProvider, header } from "./define.ts";
import { anthropicMessages } from "./dialects/anthropic-messages/index.ts";

export const anthropic = defineProvider({
  id: "anthropic",
  name: "Anthropic",
  dialect: anthropicMessages,
  baseUrl: "https://api.anthropic.com",
  auth: header("x-api-key", "ANTHROPIC_API_KEY"),
  // From version 2026-10-21 on, sampling parameters are refused for all models. A client that speaks it sends it itself.
  headers: { "anthropic-version": "2023-06-01" },
  forwardHeaders: ["anthropic-beta", "anthropic-version"],
  // Not trained on under the commercial terms, and kept for a time (Privacy Center, commercial customers).
  dataPolicy: { collects: false, retains: true },
});
