// The server side of the Messages API: clients such as Claude Code speak it to Turnpike.
import type { ServerDialect } from "../../dialect.ts";
import { dialectId } from "../wire.ts";
import { withModel } from "./asked-model.ts";
import { withCost } from "./cost.ts";
import { writeError } from "./error.ts";
import { paramOf } from "./params.ts";
import { peek } from "./peek.ts";
import { readRequest } from "./request.ts";
import { writeCompletion } from "./response.ts";
import { createStreamEncoder } from "./stream.ts";

export const anthropicMessagesServer: ServerDialect = {
  id: dialectId,
  read: readRequest,
  peek,
  limitOutput: (tokens) => ({ max_tokens: tokens }),
  forCounting: (body) => (body.max_tokens === undefined ? { ...body, max_tokens: 1 } : body),
  param: paramOf,
  write: (completion, context, cost) => ({ ...writeCompletion(completion, context, cost) }),
  stream: createStreamEncoder,
  error: writeError,
  withCost,
  withModel,
  streamUsage: "always",
  // The API's own; its SDKs pass over it even before `message_start`.
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
};
