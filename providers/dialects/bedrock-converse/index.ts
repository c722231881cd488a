// The `bedrock-converse` dialect: the Converse API of Amazon Bedrock's runtime.
import type { ClientDialect } from "../dialect.ts";
import { encodeRequest } from "./client/request.ts";
import { decodeResponse } from "./client/response.ts";
import { ConverseStreamDecoder } from "./client/stream.ts";
import { ConverseStreamWatcher } from "./client/watch.ts";
import { readError } from "./error.ts";
import { EventStreamFramer } from "./eventstream.ts";
import { readUsage } from "./usage.ts";
import { asObject, dialectId } from "./wire.ts";

/** The client side: we speak it to a provider. The model is in the path, encoded so that an ARN is one segment. */
export const bedrockConverse: ClientDialect = {
  id: dialectId,
  framing: "eventstream",
  path: ({ model }, { stream }) => `/model/${encodeModel(model)}/${stream ? "converse-stream" : "converse"}`,
  encode: encodeRequest,
  decode: decodeResponse,
  stream: () => new ConverseStreamDecoder(),
  framer: () => new EventStreamFramer(),
  error: readError,
  // The body does not name its model.
  edits: () => ({ set: {}, remove: [] }),
  usage: (body) => {
    const usage = asObject(body.usage);
    return usage === null ? null : readUsage(usage);
  },
  watch: () => new ConverseStreamWatcher(),
};

/**
 * RFC 3986: all but unreserved characters. A model that is written as it stands in a path (`…-v1%3A0`) is not encoded
 * twice.
 */
function encodeModel(model: string): string {
  const plain = model.replaceAll(/%3A/gi, ":").replaceAll(/%2F/gi, "/");
  return encodeURIComponent(plain).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
