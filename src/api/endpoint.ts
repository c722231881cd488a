// The endpoints beside chat, in OpenAI's shape: reads top to bottom what happens to a call.
import type { Context } from "hono";
import type { InvalidRequest } from "../../providers/dialects/dialect.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { GatewayError } from "../errors.ts";
import { admit } from "../gateway/admit.ts";
import { askOf } from "../gateway/ask.ts";
import { type AnswerDialect, readCall } from "../gateway/call.ts";
import { type EndpointCall, endpointWork, purposeOf } from "../gateway/endpoint-work.ts";
import { type Form, fileOf, readForm } from "../gateway/form.ts";
import { operations } from "../gateway/operations.ts";
import { run } from "../gateway/run.ts";
import type { HttpExchange } from "../gateway/sink.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { checkContentType, readBody, readBytes, refuse } from "./receive.ts";

/** Errors are those of OpenAI's chat endpoint; the ledger's word is the vendor's alone. */
const dialect: AnswerDialect = {
  id: "openai",
  error: (error) => openaiChatServer.error(error),
  keepAlive: openaiChatServer.keepAlive,
  streamUsage: openaiChatServer.streamUsage,
};

/** The handler of one operation's endpoint. */
export function endpoint(operation: Operation, deps: ApiDeps): (c: Context) => Promise<Response> {
  const { takes, streams, defaultModel } = operations[operation];
  return async (c) => {
    const startedAt = deps.clock.monotonic();
    const openedAtMs = deps.clock.now();
    const exchange = deps.openExchange(c.req.raw, c.env);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    try {
      const key = await authenticate(header, new URL(c.req.url), deps);
      const { form, rawBody } = await receive(exchange);
      const call = readCall({
        ...{ id, dialect, operation, rawBody, header, openedAtMs, startedAt },
        ...(form !== null && { fields: form.fields }),
        ...(defaultModel !== null && { defaultModel }),
        ...(streams === "always" && { streams: true }),
      });
      check({ operation, call, form });
      const plan = deps.run.router.plan(askOf(call, key, purposeOf(operation)), deps);
      const admission = admit(call, key, deps.journal);
      deps.running.begin();
      const { counting, limits } = deps.run;
      const work = endpointWork({ operation, call, form }, { counting, maxResponseBytes: limits.maxResponseBytes });
      void run({ call, work, admission, plan }, exchange.sink, deps.run).then(() => deps.running.end());
    } catch (error) {
      refuse(error, { sink: exchange.sink, dialect, id, report: deps.run.report });
    }
    return exchange.response();

    async function receive(from: HttpExchange): Promise<{ readonly form: Form | null; readonly rawBody: string }> {
      const type = header("content-type");
      if (takes === "form") return { form: readForm(await readBytes(from, deps.maxBodyBytes), type), rawBody: "" };
      checkContentType(type);
      return { form: null, rawBody: await readBody(from, deps.maxBodyBytes) };
    }
  };
}

function check({ operation, call: { body }, form }: EndpointCall): void {
  const { streams, file, check: checkBody } = operations[operation];
  const missing = form !== null && file !== undefined && fileOf(form, file) === null;
  if (missing) throw invalid({ param: file, message: "expected a file" });
  if (streams === "never" && body.stream === true) {
    throw invalid({ param: "stream", message: "this endpoint does not stream" });
  }
  const problem = checkBody(body);
  if (problem !== null) throw invalid(problem);
}

function invalid({ param, message }: InvalidRequest): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${message}.`, { param });
}
