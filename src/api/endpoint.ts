// The endpoints beside chat, in OpenAI's shape: reads top to bottom what happens to a call.
import type { Context } from "hono";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { GatewayError } from "../errors.ts";
import { admit } from "../gateway/admit.ts";
import { type AnswerDialect, type Call, readCall } from "../gateway/call.ts";
import { endpointWork, purposeOf } from "../gateway/endpoint-work.ts";
import { operations } from "../gateway/operations.ts";
import { run } from "../gateway/run.ts";
import { plan } from "../router/plan.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { checkContentType, readBody, refuse } from "./receive.ts";

/** Errors are those of OpenAI's chat endpoint; the ledger's word is the vendor's alone. */
const dialect: AnswerDialect = {
  id: "openai",
  error: (error) => openaiChatServer.error(error),
  keepAlive: openaiChatServer.keepAlive,
  streamUsage: openaiChatServer.streamUsage,
};

/** The handler of one operation's endpoint. */
export function endpoint(operation: Operation, deps: ApiDeps): (c: Context) => Promise<Response> {
  const { defaultModel } = operations[operation];
  return async (c) => {
    const startedAt = deps.clock.monotonic();
    const openedAtMs = deps.clock.now();
    const exchange = deps.openExchange(c.req.raw, c.env);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    try {
      const key = await authenticate(header, new URL(c.req.url), deps);
      checkContentType(header("content-type"));
      const rawBody = await readBody(exchange, deps.maxBodyBytes);
      const call = readCall({
        ...{ id, dialect, operation, rawBody, header, openedAtMs, startedAt },
        ...(defaultModel !== null && { defaultModel }),
      });
      checkBody(operation, call);
      const planned = plan(call.models, call.preferences, deps, purposeOf(operation));
      const admission = admit(call, key, deps.journal);
      deps.running.begin();
      const { counting, limits } = deps.run;
      const work = endpointWork(operation, call, { counting, maxResponseBytes: limits.maxResponseBytes });
      void run({ call, work, admission, plan: planned }, exchange.sink, deps.run).then(() => deps.running.end());
    } catch (error) {
      refuse(error, { sink: exchange.sink, dialect, id, report: deps.run.report });
    }
    return exchange.response();
  };
}

function checkBody(operation: Operation, { body }: Call): void {
  const problem = operations[operation].check(body);
  if (problem === null) return;
  throw new GatewayError("invalid_request", `Invalid \`${problem.param}\`: ${problem.message}.`, {
    param: problem.param,
  });
}
