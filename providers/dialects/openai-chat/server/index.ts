// The server side of OpenAI chat: clients speak it to Turnpike.
import type { ServerDialect } from "../../dialect.ts";
import { withCost } from "./cost.ts";
import { paramOf } from "./params.ts";
import { peek } from "./peek.ts";
import { readRequest } from "./request.ts";
import { writeCompletion, writeError } from "./response.ts";
import { createStreamEncoder, keepAlive } from "./stream.ts";

export const openaiChatServer: ServerDialect = {
  id: "openai-chat",
  read: readRequest,
  peek,
  limitOutput: (tokens) => ({ max_completion_tokens: tokens }),
  param: paramOf,
  write: (completion, context, cost) => ({ ...writeCompletion(completion, context, cost) }),
  stream: createStreamEncoder,
  error: writeError,
  withCost,
  streamUsage: "on-request",
  keepAlive,
};
