// POST /v1/chat/completions: reads top to bottom what happens to a call.
import type { Context } from "hono";
import type { ServerDialect } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import { admit } from "../gateway/admit.ts";
import { readCall } from "../gateway/call.ts";
import { sendError } from "../gateway/respond.ts";
import { run } from "../gateway/run.ts";
import { plan } from "../router/plan.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";

/** The handler of one dialect's chat endpoint. */
export function chat(dialect: ServerDialect, deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const startedAt = deps.clock.monotonic();
    const openedAtMs = deps.clock.now();
    const exchange = deps.openExchange(c.req.raw, c.env);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    try {
      if (deps.running.closing) throw new GatewayError("shutting_down", "This gateway is stopping. Try again.");
      const key = await authenticate(header, new URL(c.req.url), deps.ring);
      checkContentType(header("content-type"));
      const rawBody = await exchange.readBody(deps.maxBodyBytes);
      if (rawBody === null) {
        const limit = `${Math.floor(deps.maxBodyBytes / 1024 / 1024)} MB`;
        throw new GatewayError("request_too_large", `The request body is larger than this gateway accepts (${limit}).`);
      }
      const call = readCall({ id, dialect, rawBody, header, openedAtMs, startedAt });
      const route = plan(call.models, call.preferences, deps);
      const admission = admit(call, key, deps.journal);
      deps.running.begin();
      void run(call, admission, route, exchange.sink, deps.run).then(() => deps.running.end());
    } catch (error) {
      if (exchange.sink.gone) return exchange.response();
      if (!(error instanceof GatewayError)) deps.run.report(error, id);
      const shown =
        error instanceof GatewayError
          ? error
          : new GatewayError(
              "internal_error",
              "This gateway failed to handle the request. The operator's log says why.",
            );
      sendError(exchange.sink, dialect, shown, { "x-request-id": id }, id);
    }
    return exchange.response();
  };
}

/** Anything that calls itself JSON will do, and so does silence: the body is parsed either way. */
function checkContentType(type: string | null): void {
  if (type === null || /^application\/([\w.+-]+\+)?json\b/i.test(type.trim())) return;
  throw new GatewayError(
    "unsupported_media_type",
    "The request must be JSON: send the header `content-type: application/json`.",
  );
}
