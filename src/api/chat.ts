// The chat endpoint of every dialect: reads top to bottom what happens to a call.
import type { ServerDialect } from "../../providers/dialects/dialect.ts";
import { admit } from "../gateway/admit.ts";
import { askOf } from "../gateway/ask.ts";
import { type ChatCall, readCall } from "../gateway/call.ts";
import { chatWork } from "../gateway/chat-work.ts";
import { withOutputLimit } from "../gateway/output-limit.ts";
import { run } from "../gateway/run.ts";
import type { Sink } from "../gateway/sink.ts";
import { outputLimit } from "../limits/check.ts";
import type { Asking, CallHandler } from "./asking.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { mayExplain, planHeaders } from "./plan-header.ts";
import { checkContentType, readBody, refuse } from "./receive.ts";
import type { Turn } from "./responses/turn.ts";

/** What a URL says of a call, in dialects where it says it. */
export interface Route {
  readonly model: string;
  readonly stream: boolean;
  /** Wraps the answer where the client wants another framing of its stream. */
  readonly wrap?: (sink: Sink) => Sink;
}

export interface ChatOptions {
  /** In dialects whose URLs say something of a call. */
  readonly readRoute?: (asking: Asking) => Route;
  /** In a dialect whose calls may refer to earlier ones. */
  readonly readTurn?: (call: ChatCall, caller: Caller) => Promise<Turn>;
}

/** The handler of one dialect's chat endpoint. */
export function chat(dialect: ServerDialect, deps: ApiDeps, { readRoute, readTurn }: ChatOptions = {}): CallHandler {
  return async (c) => {
    const startedAt = deps.clock.monotonic();
    const openedAtMs = deps.clock.now();
    const exchange = deps.openExchange(c);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    try {
      const caller = await authenticate(c, deps, exchange);
      const explaining = mayExplain(c, deps);
      const explained = explaining && (await explaining);
      const route = readRoute?.(c);
      checkContentType(header("content-type"));
      const rawBody = await readBody(exchange, deps.maxBodyBytes);
      const asked = readCall({ id, dialect, rawBody, header, openedAtMs, startedAt, ...(route && { route }) });
      const turn = readTurn === undefined ? null : await readTurn(asked, caller);
      const call = withOutputLimit(turn?.call ?? asked, outputLimit(caller.scopes));
      const whole = deps.run.router.plan(askOf(call, caller), deps);
      const plan = turn?.narrow(whole) ?? whole;
      const admitted = admit({ call, caller, plan }, deps);
      const admission = admitted instanceof Promise ? await admitted : admitted;
      deps.running.begin();
      const captured = deps.captures.begin(asked, caller);
      const answer = captured?.wrap(exchange.sink) ?? exchange.sink;
      const wrap = route?.wrap ?? turn?.wrap;
      const sink = wrap?.(answer) ?? answer;
      const work = chatWork(call, {
        counting: deps.run.counting,
        maxResponseBytes: deps.run.limits.maxResponseBytes,
        told: turn?.told,
      });
      const headers = explained ? planHeaders(plan, deps) : undefined;
      run({ call, work, admission, plan, headers }, sink, deps.run, () => {
        if (turn === null && captured === null) deps.running.end();
        else void Promise.all([turn?.kept(), captured?.kept()]).then(() => deps.running.end());
      });
    } catch (error) {
      refuse(error, { sink: exchange.sink, dialect, id, watch: deps.watch, asking: c, report: deps.run.report });
    }
    return exchange.response();
  };
}
