// Edits of a client's body that is passed on in its own dialect: the little that must change, and nothing else.
import type { BodyEdits, Target } from "../../dialect.ts";
import { count, isObject, type Json, object, text } from "../json.ts";
import type { Behaviour } from "../quirks.ts";
import { routingMembers } from "../wire.ts";
import { effortFor } from "./effort.ts";
import { cleanMessages, cleanTools } from "./history.ts";
import { maxTokensField, reasons, refusesSampling } from "./model-rules.ts";

const samplingMembers = [
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
] as const;

/**
 * - The model, and members that only Turnpike reads.
 * - `stream_options.include_usage`, so that every stream is accounted; the gateway withholds what was not asked for.
 * - The output limit under the name that the model knows.
 * - `reasoning` (OpenRouter's object) as OpenAI's level.
 * - In `messages` and `tools`, what Turnpike itself or another provider added to earlier answers (see history.ts).
 * - With `drop_params`, the sampling parameters that the model refuses; they are named in `dropped`.
 */
export function editBody(body: Json, target: Target, quirks: Behaviour): BodyEdits {
  const set: Record<string, unknown> = { model: target.model };
  const remove: string[] = routingMembers.filter((name) => name in body);
  editStreamOptions(body, quirks, set);
  editMaxTokens(body, target, quirks, set, remove);
  editReasoning(body, target, quirks, set, remove);
  const messages = cleanMessages(body.messages, quirks);
  if (messages !== body.messages) set.messages = messages;
  const tools = cleanTools(body.tools, quirks);
  if (tools !== body.tools) set.tools = tools;
  const dropped = body.drop_params === true ? refusedSampling(body, target, quirks) : [];
  return { set, remove: [...remove, ...dropped], ...(dropped.length === 0 ? {} : { dropped }) };
}

function editStreamOptions(body: Json, quirks: Behaviour, set: Record<string, unknown>): void {
  if (body.stream !== true || !quirks.streamOptions) return;
  const options = object(body.stream_options);
  if (options?.include_usage !== true) set.stream_options = { ...options, include_usage: true };
}

/** A reasoning model refuses `max_tokens`; some servers know only one of the names. */
function editMaxTokens(
  body: Json,
  target: Target,
  quirks: Behaviour,
  set: Record<string, unknown>,
  remove: string[],
): void {
  if (quirks.maxTokensField === null && !reasons(target)) return;
  const right = maxTokensField(quirks);
  const wrong = right === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  if (!(wrong in body)) return;
  remove.push(wrong);
  if (body[right] === undefined || body[right] === null) set[right] = body[wrong];
}

function editReasoning(
  body: Json,
  target: Target,
  quirks: Behaviour,
  set: Record<string, unknown>,
  remove: string[],
): void {
  if (quirks.reasoningParameter === "reasoning") return;
  if ("include_reasoning" in body) remove.push("include_reasoning");
  if (!("reasoning" in body)) return;
  remove.push("reasoning");
  const reasoning = object(body.reasoning);
  if (reasoning === null || text(body.reasoning_effort) !== null) return;
  const effort = text(reasoning.effort) ?? impliedEffort(reasoning, target);
  if (effort !== null) set.reasoning_effort = effort;
}

function impliedEffort(reasoning: Json, { traits }: Target): string | null {
  if (reasoning.enabled === false) return "none";
  const budgetTokens = count(reasoning.max_tokens);
  if (budgetTokens !== null) return effortFor({ effort: null, budgetTokens, includeText: null }, traits);
  return reasoning.enabled === true ? "medium" : null;
}

function refusedSampling(body: Json, target: Target, quirks: Behaviour): readonly string[] {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  const none = body.reasoning_effort === "none" || reasoning.effort === "none" || reasoning.enabled === false;
  const refused: readonly string[] = refusesSampling(target, none ? "none" : null, quirks) ? samplingMembers : [];
  return [...refused, ...(quirks.topK ? [] : ["top_k"])].filter(
    (name) => body[name] !== undefined && body[name] !== null,
  );
}
