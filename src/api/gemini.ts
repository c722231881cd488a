// Gemini's endpoints: the model and what is asked of it stand in the URL.
import { createArrayFramer, geminiServer } from "../../providers/dialects/gemini/index.ts";
import { GatewayError } from "../errors.ts";
import { type Sink, wrapSink } from "../gateway/sink.ts";
import type { Asking, CallHandler } from "./asking.ts";
import { chat, type Route } from "./chat.ts";
import { countTokens } from "./count-tokens.ts";
import type { ApiDeps } from "./deps.ts";

/** `POST /v1beta/models/{model}:{method}`; `models/` may be absent before a name with a slash. */
export function gemini(deps: ApiDeps): CallHandler {
  const generate = chat(geminiServer, deps, { readRoute });
  const count = countTokens(geminiServer, deps, {
    readModel: (c) => readTarget(c).model,
    // `countTokens` takes the contents alone, or a whole request beside them.
    conversationOf: (body) => (isObject(body.generateContentRequest) ? body.generateContentRequest : body),
    answer: (tokens) => ({ totalTokens: tokens }),
  });
  return (c) => (readTarget(c).method === "countTokens" ? count(c) : generate(c));
}

function readRoute(c: Asking): Route {
  const { model, method } = readTarget(c);
  switch (method) {
    case "generateContent":
      return { model, stream: false };
    case "streamGenerateContent":
      // Without `alt=sse` a stream is one JSON array.
      return c.req.query("alt") === "sse" ? { model, stream: true } : { model, stream: true, wrap: arraySink };
    default:
      throw new GatewayError(
        "not_found",
        `\`${method.slice(0, 100)}\` is not a method of models here: use generateContent, streamGenerateContent or countTokens.`,
      );
  }
}

function readTarget(c: Asking): { readonly model: string; readonly method: string } {
  const [path = ""] = c.req.url.split("?");
  const target = decodeURIComponent(path.replace(/^.*?\/v1(beta)?\/(models\/)?/, ""));
  const colon = target.lastIndexOf(":");
  return { model: target.slice(0, Math.max(0, colon)), method: target.slice(colon + 1) };
}

/** Writes a stream's frames as the elements of one JSON array. Whole answers and errors go through as they are. */
function arraySink(sink: Sink): Sink {
  const framer = createArrayFramer();
  const decoder = new TextDecoder();
  let streaming = false;
  const framed = (data: string | Uint8Array): string =>
    framer.push((typeof data === "string" ? data : decoder.decode(data)).replaceAll("\r\n", "\n"));
  return wrapSink(sink, {
    head(status, headers) {
      streaming = headers["content-type"]?.startsWith("text/event-stream") === true;
      sink.head(status, streaming ? { ...headers, "content-type": "application/json" } : headers);
    },
    write: (data) => sink.write(streaming ? framed(data) : data),
    end: (data) => sink.end(streaming ? (data === undefined ? "" : framed(data)) + framer.end() : data),
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
