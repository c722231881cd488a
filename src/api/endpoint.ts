// The endpoints beside chat, in OpenAI's shape: reads top to bottom what happens to a call.
import type { InvalidRequest } from "../../providers/dialects/dialect.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { GatewayError } from "../errors.ts";
import { admit } from "../gateway/admit.ts";
import { askOf } from "../gateway/ask.ts";
import { type AnswerDialect, readCall } from "../gateway/call.ts";
import { type EndpointCall, endpointWork, purposeOf } from "../gateway/endpoint-work.ts";
import { operations } from "../gateway/operations.ts";
import { withCompletionLimit } from "../gateway/output-limit.ts";
import { run } from "../gateway/run.ts";
import type { HttpExchange } from "../gateway/sink.ts";
import type { Form } from "../gateway/upload/form.ts";
import { receiveForm } from "../gateway/upload/receive.ts";
import { outputLimit } from "../limits/check.ts";
import type { CallHandler } from "./asking.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";
import { mayExplain, planHeaders } from "./plan-header.ts";
import { checkContentType, readBody, refuse } from "./receive.ts";

/** Errors are those of OpenAI's chat endpoint; the ledger's word is the vendor's alone. */
const dialect: AnswerDialect = {
  id: "openai",
  error: (error) => openaiChatServer.error(error),
  keepAlive: openaiChatServer.keepAlive,
  streamUsage: openaiChatServer.streamUsage,
};

interface Asking {
  readonly caller: Caller;
  /** Whether the answer tells its plan. */
  readonly explained: boolean;
}

/** The handler of one operation's endpoint. */
export function endpoint(operation: Operation, deps: ApiDeps): CallHandler {
  const { takes, streams, defaultModel } = operations[operation];
  return async (c) => {
    const startedAt = deps.clock.monotonic();
    const openedAtMs = deps.clock.now();
    const exchange = deps.openExchange(c);
    const id = deps.newCallId();
    const header = (name: string): string | null => c.req.header(name) ?? null;
    const refused = (error: unknown): void =>
      refuse(error, { sink: exchange.sink, dialect, id, watch: deps.watch, asking: c, report: deps.run.report });
    try {
      const caller = await authenticate(c, deps, exchange);
      const explained = await mayExplain(c, deps);
      const form = takes === "form" ? await receiveFrom(exchange) : null;
      if (form === null) checkContentType(header("content-type"));
      const rawBody = form === null ? await readBody(exchange, deps.maxBodyBytes) : "";
      void serve({ caller, explained }, form, rawBody)
        .catch(refused)
        .finally(() => form?.upload.close());
    } catch (error) {
      refused(error);
    }
    return exchange.response();

    async function serve({ caller, explained }: Asking, form: Form | null, rawBody: string): Promise<void> {
      const asked = readCall({
        ...{ id, dialect, operation, rawBody, header, openedAtMs, startedAt },
        ...(form !== null && { fields: form.fields }),
        ...(defaultModel !== null && { defaultModel }),
        ...(streams === "always" && { streams: true }),
      });
      const call = withCompletionLimit(asked, outputLimit(caller.scopes));
      check({ operation, call, form });
      const plan = deps.run.router.plan(askOf(call, caller, purposeOf(operation)), deps);
      const admission = await admit(
        { call, caller, plan, fileBytes: form === null ? 0 : (exchange.declaredBytes ?? deps.uploads.maxUploadBytes) },
        deps,
      );
      deps.running.begin();
      const { counting, limits } = deps.run;
      const work = endpointWork({ operation, call, form }, { counting, maxResponseBytes: limits.maxResponseBytes });
      const headers = explained ? planHeaders(plan, deps) : {};
      const captured = deps.captures.begin(call, caller);
      const sink = captured?.wrap(exchange.sink) ?? exchange.sink;
      await new Promise<void>((settled) => {
        run({ call, work, admission, plan, headers }, sink, deps.run, settled);
      });
      await captured?.kept();
      deps.running.end();
    }

    function receiveFrom(from: HttpExchange): Promise<Form> {
      return receiveForm(from, {
        ...deps.uploads,
        type: header("content-type"),
        ready: (form) => problemOf(operation, form.fields, form) === null,
        report: (error) => deps.run.report(error, id),
      });
    }
  };
}

/** What is wrong with the request, as far as it has come; null when it can be served. */
function problemOf(
  operation: Operation,
  body: Readonly<Record<string, unknown>>,
  form: Form | null,
): InvalidRequest | null {
  const { streams, file, defaultModel, check } = operations[operation];
  if (form !== null && typeof (body.model ?? defaultModel) !== "string")
    return { param: "model", message: "expected a model" };
  if (form !== null && file !== undefined && form.file(file) === null)
    return { param: file, message: "expected a file" };
  if (streams === "never" && body.stream === true) return { param: "stream", message: "this endpoint does not stream" };
  return check(body);
}

function check({ operation, call, form }: EndpointCall): void {
  const problem = problemOf(operation, call.body, form);
  if (problem === null) return;
  const { param, message } = problem;
  throw new GatewayError("invalid_request", `Invalid \`${param}\`: ${message}.`, { param });
}
