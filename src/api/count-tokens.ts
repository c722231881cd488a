// Counting tokens before a call: by the provider itself where it speaks the caller's dialect, else by our own counter.
import type { ServerDialect } from "../../providers/dialects/dialect.ts";
import { askOf } from "../gateway/ask.ts";
import { type ChatCall, readCall } from "../gateway/call.ts";
import { countAtProvider } from "../gateway/count-at-provider.ts";
import { ConversationReader } from "../gateway/prepare.ts";
import type { Asking, CallHandler } from "./asking.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { checkContentType, readBody, refuse } from "./receive.ts";

export interface CountShape {
  /** The model, where the URL names it. */
  readonly readModel?: (asking: Asking) => string;
  /** The conversation in a body, where it is not the body itself. */
  readonly conversationOf?: (body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The answer in the caller's dialect. */
  answer(tokens: number): Record<string, unknown>;
}

/** The handler of one dialect's counting endpoint. Counting is free and leaves no record. */
export function countTokens(dialect: ServerDialect, deps: ApiDeps, shape: CountShape): CallHandler {
  return async (c) => {
    const exchange = deps.openExchange(c);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    try {
      const caller = await authenticate(c, deps, exchange);
      checkContentType(header("content-type"));
      const rawBody = await readBody(exchange, deps.maxBodyBytes);
      const init = { id, dialect, rawBody, header, openedAtMs: deps.clock.now(), startedAt: deps.clock.monotonic() };
      const model = shape.readModel?.(c);
      const call = readCall(model === undefined ? init : { ...init, route: { model, stream: false } });
      const [first] = deps.run.router.plan(askOf(call, caller), deps).steps;
      const told = first === undefined ? null : await countAtProvider(call, first.deployment, deps.run);
      const body = told ?? JSON.stringify(shape.answer(await countHere(call, shape, deps)));
      exchange.sink.head(200, { "x-request-id": id, "content-type": "application/json" });
      exchange.sink.end(body);
    } catch (error) {
      refuse(error, { sink: exchange.sink, dialect, id, watch: deps.watch, asking: c, report: deps.run.report });
    }
    return exchange.response();
  };
}

async function countHere(call: ChatCall, shape: CountShape, deps: ApiDeps): Promise<number> {
  const body = shape.conversationOf?.(call.body) ?? call.body;
  return deps.run.counting.input(
    new ConversationReader({ ...call, body: call.dialect.forCounting?.(body) ?? body }).read(),
  );
}
