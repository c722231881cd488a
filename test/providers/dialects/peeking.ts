// Peeks, as tests take them.
import { anthropicMessagesServer } from "../../../providers/dialects/anthropic-messages/index.ts";
import type { ServerDialect } from "../../../providers/dialects/dialect.ts";
import { geminiServer } from "../../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../../providers/dialects/openai-responses/index.ts";

export type Body = Readonly<Record<string, unknown>>;

export const dialects: readonly ServerDialect[] = [
  openaiChatServer,
  openaiResponsesServer,
  anthropicMessagesServer,
  geminiServer,
];
