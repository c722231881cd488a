// The `anthropic-messages` dialect: Anthropic's Messages API.
import type { ClientDialect } from "../dialect.ts";
import { editBody } from "./client/edits.ts";
import { encodeRequest } from "./client/request.ts";
import { decodeResponse } from "./client/response.ts";
import { MessageStreamDecoder } from "./client/stream.ts";
import { MessageStreamWatcher } from "./client/watch.ts";
import { readError } from "./error.ts";
import { readUsage } from "./usage.ts";
import { asObject, dialectId } from "./wire.ts";

/** The client side: we speak it to a provider. The base URL has no `/v1`, as Anthropic's own `ANTHROPIC_BASE_URL` has none. */
export const anthropicMessages: ClientDialect = {
  id: dialectId,
  framing: "sse",
  path: () => "/v1/messages",
  encode: encodeRequest,
  decode: decodeResponse,
  stream: () => new MessageStreamDecoder(),
  error: readError,
  edits: editBody,
  usage: (body) => {
    const usage = asObject(body.usage);
    return usage === null ? null : readUsage(usage);
  },
  watch: () => new MessageStreamWatcher(),
  countPath: () => "/v1/messages/count_tokens",
};

export { anthropicMessagesServer } from "./server/index.ts";
