// The server side of OpenAI responses: clients speak it to Turnpike.
import type { ServerDialect } from "../../dialect.ts";
import { writeError } from "../../openai-chat/server/response.ts";
import { withCost } from "./cost.ts";
import { paramOf } from "./params.ts";
import { peek } from "./peek.ts";
import { readRequest } from "./request.ts";
import { writeCompletion } from "./response.ts";
import { createStreamEncoder } from "./stream.ts";

export const openaiResponsesServer: ServerDialect = {
  id: "openai-responses",
  read: readRequest,
  peek,
  limitOutput: (tokens) => ({ max_output_tokens: tokens }),
  param: paramOf,
  write: (completion, context, cost) => ({ ...writeCompletion(completion, context, cost) }),
  stream: createStreamEncoder,
  error: writeError,
  withCost,
  streamUsage: "always",
  keepAlive: ": keep-alive\n\n",
};
