// The `cohere` dialect: Cohere's Chat API, version 2.
import type { ClientDialect } from "../dialect.ts";
import { encodeRequest } from "./client/request.ts";
import { decodeResponse } from "./client/response.ts";
import { ChatStreamDecoder } from "./client/stream.ts";
import { ChatStreamWatcher } from "./client/watch.ts";
import { readError } from "./error.ts";
import { readUsage } from "./usage.ts";
import { asObject, dialectId } from "./wire.ts";

/** The client side: we speak it to a provider. */
export const cohereChat: ClientDialect = {
  id: dialectId,
  framing: "sse",
  path: () => "/v2/chat",
  encode: encodeRequest,
  decode: decodeResponse,
  stream: () => new ChatStreamDecoder(),
  error: readError,
  edits: (_body, { model }) => ({ set: { model }, remove: [] }),
  usage: (body) => {
    const usage = asObject(body.usage);
    return usage === null ? null : readUsage(usage);
  },
  watch: () => new ChatStreamWatcher(),
};
