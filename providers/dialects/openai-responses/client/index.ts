// The client side of OpenAI responses: Turnpike speaks it to OpenAI and to servers that are compatible, give or take quirks.
import type { ClientDialect } from "../../dialect.ts";
import { readFailure } from "../error.ts";
import { behaviour, type Quirks } from "../quirks.ts";
import { usageOf } from "../usage.ts";
import { editBody } from "./edits.ts";
import { encodeRequest } from "./request.ts";
import { readResponse } from "./response.ts";
import { createStreamDecoder } from "./stream.ts";
import { createStreamWatcher } from "./watch.ts";

/** OpenAI responses as a provider speaks them. Without quirks: OpenAI itself. */
export function openaiResponses(quirks: Quirks = {}): ClientDialect {
  const decided = behaviour(quirks);
  return {
    id: "openai-responses",
    framing: "sse",
    path: () => "/responses",
    encode: (conversation, target) => encodeRequest(conversation, target, decided),
    decode: (body) => readResponse(body, decided.vendor),
    stream: () => createStreamDecoder(decided.vendor),
    error: readFailure,
    edits: (body, target) => editBody(body, target, decided),
    usage: usageOf,
    watch: createStreamWatcher,
  };
}
