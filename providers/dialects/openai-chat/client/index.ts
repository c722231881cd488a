// The client side of OpenAI chat: Turnpike speaks it to OpenAI and to every server that is compatible, give or take quirks.
import type { ClientDialect } from "../../dialect.ts";
import { readFailure } from "../error.ts";
import { behaviour, compatible, type Quirks } from "../quirks.ts";
import { usageOf } from "../usage.ts";
import { editBody } from "./edits.ts";
import { encodeRequest } from "./request.ts";
import { readCompletion } from "./response.ts";
import { createStreamDecoder } from "./stream.ts";
import { createStreamWatcher } from "./watch.ts";

/** OpenAI chat completions as a provider speaks them. Without quirks: OpenAI itself. */
export function openaiChat(quirks: Quirks = {}): ClientDialect {
  const decided = behaviour(quirks);
  return {
    id: "openai-chat",
    framing: "sse",
    path: () => "/chat/completions",
    encode: (conversation, target) => encodeRequest(conversation, target, decided),
    decode: (body) => readCompletion(body, decided),
    stream: () => createStreamDecoder(decided),
    error: readFailure,
    edits: (body, target) => editBody(body, target, decided),
    usage: usageOf,
    watch: createStreamWatcher,
  };
}

/** The same as a compatible server speaks it; `quirks` say how it differs from the others of its kind. */
export function compatibleChat(quirks: Quirks = {}): ClientDialect {
  return openaiChat({ ...compatible, ...quirks });
}
