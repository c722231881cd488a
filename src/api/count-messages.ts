// POST /v1/messages/count_tokens, in Anthropic's shape.

import { anthropicMessagesServer } from "../../providers/dialects/anthropic-messages/index.ts";
import type { CallHandler } from "./asking.ts";
import { countTokens } from "./count-tokens.ts";
import type { ApiDeps } from "./deps.ts";

export function countMessages(deps: ApiDeps): CallHandler {
  return countTokens(anthropicMessagesServer, deps, { answer: (tokens) => ({ input_tokens: tokens }) });
}
