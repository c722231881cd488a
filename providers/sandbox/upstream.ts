// The sandbox as an upstream: takes a chat request, answers at the pace and with the failures that it asks for.
import type { LocalContext, LocalResponse, LocalUpstream } from "../define.ts";
import { type Answer, answer, tokensBeforeDrop } from "./answer.ts";
import { embed } from "./embed.ts";
import { badRequest, type Fault, faultBody, isFault, kindOf } from "./fault.ts";
import { digest } from "./identity.ts";
import { type ChatRequest, readRequest } from "./request.ts";
import { chunkBody, completionBody, type Envelope, type Step, stepsOf, usageBody } from "./write.ts";

/** Answers `POST /chat/completions` and `POST /embeddings`; anything else is not found. */
export const sandboxUpstream: LocalUpstream = async ({ method, path, body }, context) => {
  const [endpoint] = path.split("?");
  if (method === "POST" && endpoint === "/embeddings") {
    const embedded = embed(body, context.countTokens);
    return isFault(embedded) ? refusal(embedded) : respond(200, json, [JSON.stringify(embedded)]);
  }
  if (method !== "POST" || endpoint !== "/chat/completions") {
    return refusal({ ...badRequest(`The sandbox has no ${method} ${path}.`, null, "unknown_url"), status: 404 });
  }
  const request = readRequest(body);
  if (isFault(request)) return refusal(request);
  const { options, model, stream } = request;
  const breaksOff = model === "error" && (options.drop === 1 || (stream && options.after !== null));
  if (model === "error" && !breaksOff) {
    await pause(options.ttft ?? 0, context);
    return refusal(demanded(request));
  }
  const answered = answer(request, context.countTokens);
  if (isFault(answered)) return refusal(answered);
  const envelope = { id: `chatcmpl-sandbox-${digest(body)}`, model };
  return stream
    ? respond(200, { "content-type": "text/event-stream; charset=utf-8" }, events(answered, request, envelope, context))
    : whole(answered, request, envelope, context);
};

async function whole(
  answered: Answer,
  request: ChatRequest,
  envelope: Envelope,
  context: LocalContext,
): Promise<LocalResponse> {
  const pace = paceOf(request);
  const spokenMs = pace === null ? 0 : (answered.completionTokens * 1000) / pace;
  await pause(firstTokenMs(request) + spokenMs, context);
  const text = JSON.stringify(completionBody(answered, request, envelope));
  return respond(200, json, [request.options.drop === 1 ? text.slice(0, text.length / 2) : text]);
}

/** How many steps a stream makes before it lets the process do something else. */
const stepsInARow = 64;

async function* events(
  answered: Answer,
  request: ChatRequest,
  envelope: Envelope,
  context: LocalContext,
): AsyncGenerator<string> {
  const { options, model, includeUsage } = request;
  const until = model === "error" ? (options.after ?? tokensBeforeDrop) : Number.POSITIVE_INFINITY;
  const pace = paceOf(request);
  await pause(firstTokenMs(request), context);
  let [pieces, steps, dueMs] = [0, 0, 0];
  for (const step of interleaved(answered.choices.map((draft, index) => stepsOf(draft, index, request)))) {
    if (step.content && pieces++ >= until) {
      if (options.drop !== 1) yield event(faultBody(demanded(request)));
      return;
    }
    if (pace !== null && step.content && pieces > 1) dueMs += 1000 / pace;
    if (dueMs >= 1 || ++steps % stepsInARow === 0) {
      await context.sleep(Math.floor(dueMs));
      dueMs -= Math.floor(dueMs);
    }
    yield event(chunkBody(envelope, [step.choice], includeUsage ? null : undefined));
  }
  if (includeUsage) yield event(chunkBody(envelope, [], usageBody(answered)));
  yield "data: [DONE]\n\n";
}

/** One step of each in turn, until all have ended. */
function* interleaved(choices: readonly Generator<Step>[]): Generator<Step> {
  let open = choices;
  while (open.length > 0) {
    const going: Generator<Step>[] = [];
    for (const choice of open) {
      const { value, done } = choice.next();
      if (done) continue;
      yield value;
      going.push(choice);
    }
    open = going;
  }
}

async function pause(ms: number, context: LocalContext): Promise<void> {
  if (ms > 0) await context.sleep(ms);
}

/** Milliseconds before the first token; `slow` is slow even unasked. */
function firstTokenMs({ model, options }: ChatRequest): number {
  return options.ttft ?? (model === "slow" ? 500 : 0);
}

/** Tokens a second; null is at once. */
function paceOf({ model, options }: ChatRequest): number | null {
  return options.tps ?? (model === "slow" ? 20 : null);
}

/** The error that the model's name asks for. */
function demanded({ options }: ChatRequest): Fault {
  const status = options.status ?? 500;
  const { type, code } = kindOf(status);
  return {
    fault: true,
    status,
    type,
    code: options.code ?? code,
    message: options.message ?? `The sandbox was asked for this error (${status}).`,
    param: null,
    retryAfterS: options.retry_after,
  };
}

const json = { "content-type": "application/json" };

function refusal(fault: Fault): LocalResponse {
  const headers = fault.retryAfterS === null ? json : { ...json, "retry-after": String(fault.retryAfterS) };
  return respond(fault.status, headers, [JSON.stringify(faultBody(fault))]);
}

function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<string> | readonly string[],
): LocalResponse {
  return { status, headers, body: Symbol.asyncIterator in body ? body : each(body) };
}

async function* each(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

function event(data: Record<string, unknown>): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
