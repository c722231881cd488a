// Edits of a client's body that is passed on in its own dialect: the little that must change, and nothing else.
import type { ReasoningRequest } from "../../conversation.ts";
import type { BodyEdits, Target, Unsupported } from "../../dialect.ts";
import { count, type Json, object, text } from "../../json.ts";
import { hidesReasoning } from "../hidden-reasoning.ts";
import type { Behaviour } from "../quirks.ts";
import { routingMembers } from "../wire.ts";
import { effortFor } from "./effort.ts";
import { cleanMessages, cleanTools } from "./history.ts";
import { maxTokensField, reasons, refusesSampling } from "./model-rules.ts";
import { refusedHints, refusedMembers } from "./parameters.ts";
import { reasoningMembers } from "./reasoning.ts";

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
 * - `reasoning` (OpenRouter's object) and OpenAI's level in the form that the server reads; the wish not to be shown
 *   reasoning is `unsupported` where the server has none for it.
 * - `seed` and `tool_choice: "required"` in the server's own words.
 * - In `messages` and `tools`, what Turnpike itself or another provider added to earlier answers (see history.ts).
 * - Hints that the server would refuse; they are named in `dropped` too.
 * - With `drop_params`, what the model or the server refuses; it is named in `dropped`.
 */
export function editBody(body: Json, target: Target, quirks: Behaviour): BodyEdits {
  const set: Record<string, unknown> = { model: target.model };
  const remove: string[] = routingMembers.filter((name) => name in body);
  editStreamOptions(body, quirks, set, remove);
  editMaxTokens(body, target, quirks, set, remove);
  editReasoning(body, target, quirks, set, remove);
  editWords(body, quirks, set, remove);
  const messages = cleanMessages(body.messages, quirks);
  if (messages !== body.messages) set.messages = messages;
  const tools = cleanTools(body.tools, quirks);
  if (tools !== body.tools) set.tools = tools;
  const hints = refusedHints(quirks, body);
  const refused = body.drop_params === true ? refusedHere(body, target, quirks) : [];
  const unsupported = showsReasoning(body, target, quirks);
  // Of most bodies nothing is left out.
  if (hints.names.length === 0 && refused.length === 0 && unsupported === null) return { set, remove };
  const dropped = [...hints.lost, ...refused];
  return {
    set,
    remove: [...remove, ...hints.names, ...refused],
    ...(dropped.length === 0 ? {} : { dropped }),
    ...(unsupported === null ? {} : { unsupported: [unsupported] }),
  };
}

function editStreamOptions(body: Json, quirks: Behaviour, set: Record<string, unknown>, remove: string[]): void {
  if (!quirks.streamOptions && "stream_options" in body) remove.push("stream_options");
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

/** What a client said in OpenAI's or OpenRouter's form, in the server's own; what it says in that already stays. */
function editReasoning(
  body: Json,
  target: Target,
  quirks: Behaviour,
  set: Record<string, unknown>,
  remove: string[],
): void {
  const form = quirks.reasoningParameter;
  if (form === "reasoning") return;
  const reasoning = object(body.reasoning);
  if ("reasoning" in body) remove.push("reasoning");
  if (hidesReasoning(body) && quirks.hidingReasoning === "include_reasoning") set.include_reasoning = false;
  else if ("include_reasoning" in body) remove.push("include_reasoning");
  const said = text(body.reasoning_effort);
  const budgetTokens = reasoning === null ? null : count(reasoning.max_tokens);
  const effort = said ?? (reasoning === null ? null : (text(reasoning.effort) ?? impliedEffort(reasoning, target)));
  if (effort === null || (form === "reasoning_effort" && said !== null)) return;
  if (form !== "reasoning_effort" && target.traits.reasoning === false) return;
  if (form !== "reasoning_effort" && body[form] !== undefined) return;
  const request = { effort: effort as ReasoningRequest["effort"], budgetTokens, includeText: null };
  const members = reasoningMembers(request, request.effort, target.traits, form);
  // The level is no harm beside a switch, unless it contradicts it or the model is known to refuse it.
  const known = target.traits.reasoningEfforts;
  if (said === "none" || (said !== null && form !== "thinking")) remove.push("reasoning_effort");
  else if (said !== null && known !== undefined && !known.includes(said)) remove.push("reasoning_effort");
  for (const [name, value] of Object.entries(members)) if (body[name] !== value) set[name] = value;
}

/** The wish not to be shown reasoning, where the model may reason and the server has no word for it. */
function showsReasoning(body: Json, { traits }: Target, quirks: Behaviour): Unsupported | null {
  if (!hidesReasoning(body) || quirks.reasoningParameter === "reasoning" || quirks.hidingReasoning !== null)
    return null;
  if (traits.reasoning === false || asksForNone(body)) return null;
  const member = body.include_reasoning === false ? "include_reasoning" : "reasoning.exclude";
  return { member, reason: "is not supported by this provider, which shows the reasoning", droppable: true };
}

function asksForNone({ reasoning, reasoning_effort: effort }: Json): boolean {
  const { effort: level, enabled } = object(reasoning) ?? {};
  return effort === "none" || level === "none" || enabled === false;
}

/** Members that this server knows under another name or in other words. */
function editWords(body: Json, quirks: Behaviour, set: Record<string, unknown>, remove: string[]): void {
  const { seedField, requiredTool } = quirks;
  if (seedField !== "seed" && "seed" in body) {
    remove.push("seed");
    if (body.seed !== null && body[seedField] === undefined) set[seedField] = body.seed;
  }
  if (body.tool_choice === "required" && requiredTool !== "required") set.tool_choice = requiredTool;
}

function impliedEffort(reasoning: Json, { traits }: Target): string | null {
  if (reasoning.enabled === false) return "none";
  const budgetTokens = count(reasoning.max_tokens);
  if (budgetTokens !== null) return effortFor({ effort: null, budgetTokens, includeText: null }, traits);
  return reasoning.enabled === true ? "medium" : null;
}

function refusedHere(body: Json, target: Target, quirks: Behaviour): readonly string[] {
  const refused: readonly string[] = refusesSampling(target, asksForNone(body) ? "none" : null, quirks)
    ? samplingMembers
    : [];
  const said = [...refused, ...(quirks.topK ? [] : ["top_k"])].filter(
    (name) => body[name] !== undefined && body[name] !== null,
  );
  return [...new Set([...said, ...refusedMembers(quirks, body)])];
}
