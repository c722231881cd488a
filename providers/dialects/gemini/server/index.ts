// The server side of the Gemini dialect: clients speak it to Turnpike.
import type { ServerDialect } from "../../dialect.ts";
import { withCost } from "./cost.ts";
import { writeError } from "./error.ts";
import { paramOf } from "./params.ts";
import { peek } from "./peek.ts";
import { readRequest } from "./request.ts";
import { writeCompletion } from "./response.ts";
import { createStreamEncoder, keepAlive } from "./stream.ts";

export const geminiServer: ServerDialect = {
  id: "gemini",
  read: readRequest,
  peek,
  limitOutput: (tokens, { generationConfig }) => ({
    generationConfig: { ...(generationConfig as object | undefined), maxOutputTokens: tokens },
  }),
  param: paramOf,
  write: writeCompletion,
  stream: createStreamEncoder,
  error: writeError,
  withCost,
  streamUsage: "always",
  keepAlive,
};
