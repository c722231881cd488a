// Which dialect an error is told in where no endpoint has taken the request: that of the path, as its clients read no other.
import { anthropicMessagesServer } from "../../providers/dialects/anthropic-messages/index.ts";
import type { HeaderLookup, ServerDialect } from "../../providers/dialects/dialect.ts";
import { geminiServer } from "../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";

const gemini = /^\/(gemini|v1beta)(\/|$)/;
const anthropic = /^\/(anthropic|v1\/messages)(\/|$)/;

/** Under `/v1`, which three dialects share, a client tells its own by a header that no other sends. */
export function errorDialect(path: string, header: HeaderLookup): Pick<ServerDialect, "error"> {
  const shared = path.startsWith("/v1/");
  if (gemini.test(path) || (shared && header("x-goog-api-key") !== null)) return geminiServer;
  if (anthropic.test(path) || (shared && header("anthropic-version") !== null)) return anthropicMessagesServer;
  return openaiChatServer;
}
