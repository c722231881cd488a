// The Gemini dialect (generateContent): its client side, and the face of its server side.
import type { ClientDialect } from "../dialect.ts";
import { encodeRequest } from "./client/request.ts";
import { decodeResponse } from "./client/response.ts";
import { decodeStream } from "./client/stream.ts";
import { watchStream } from "./client/watch.ts";
import { readFailure } from "./error.ts";
import { removable, withoutForeign } from "./foreign.ts";
import { readCounts, toUsage } from "./usage.ts";

export { geminiServer } from "./server/index.ts";
export { type ArrayFramer, createArrayFramer } from "./server/json-array.ts";

/** Google's own format. The key goes into a header, never into the query, though the API takes it there too. */
export const gemini: ClientDialect = {
  id: "gemini",
  framing: "sse",
  // Without `alt=sse` a stream is one JSON array.
  path: (target, { stream }) =>
    `/models/${encodeURIComponent(target.model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  encode: encodeRequest,
  decode: decodeResponse,
  stream: decodeStream,
  error: (status, headers, body) => readFailure(status, body, headers),
  // The model stands in the path. What Turnpike wrote for other vendors into earlier answers means nothing to Google.
  edits: (body) => {
    const contents = withoutForeign(body);
    return { set: contents === null ? {} : { contents }, remove: removable(body) };
  },
  usage: (body) => toUsage(readCounts(body.usageMetadata)),
  watch: watchStream,
  countPath: (target) => `/models/${encodeURIComponent(target.model)}:countTokens`,
};
