// Decides what the sandbox answers: the words, the calls, where they end, and how many tokens they are.
import { type Call, callsOf } from "./calls.ts";
import { badRequest, type Fault, isFault } from "./fault.ts";
import { beforeStop, type Count, withinTokens } from "./pieces.ts";
import type { ChatRequest } from "./request.ts";
import { instanceOf } from "./schema/instance.ts";
import { chatText, countingText, echoText, noToolText, reasoningText, refusalText, toolResultText } from "./texts.ts";

export interface Answer {
  readonly choices: readonly Draft[];
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

/** One choice of an answer. Of content, refusal and calls the absent ones are null or empty. */
export interface Draft {
  readonly reasoning: string;
  readonly content: string | null;
  readonly refusal: string | null;
  readonly calls: readonly Call[];
  readonly finish: "stop" | "length" | "tool_calls";
}

/** The answer to a request. The same request gets the same answer. */
export function answer(request: ChatRequest, count: Count): Answer | Fault {
  const choices: Draft[] = [];
  let [completionTokens, reasoningTokens, characters] = [0, 0, 0];
  let made: Counted | null = null;
  for (let choice = 0; choice < request.choices; choice++) {
    if (made === null || varied.has(request.model)) {
      const draft = draftOf(request, choice);
      if (isFault(draft)) return draft;
      made = counted(limited(stopped(draft, request.stop), request.maxTokens, count), count);
    }
    choices.push(made.draft);
    reasoningTokens += made.reasoning;
    completionTokens += made.reasoning + made.spoken;
    characters += made.characters;
    if (characters > mostCharacters)
      return badRequest("So many choices of such a length are too much for the sandbox.", "n");
  }
  return { choices, promptTokens: promptTokens(request, count), completionTokens, reasoningTokens };
}

/** A draft with its tokens. */
interface Counted {
  readonly draft: Draft;
  readonly reasoning: number;
  readonly spoken: number;
  readonly characters: number;
}

function counted(draft: Draft, count: Count): Counted {
  const { reasoning, content, refusal, calls } = draft;
  const called = calls.reduce((sum, call) => sum + call.arguments.length, 0);
  return {
    draft,
    reasoning: count(reasoning),
    spoken: spokenTokens(draft, count),
    characters: reasoning.length + (content?.length ?? 0) + (refusal?.length ?? 0) + called,
  };
}

/** Models whose choices differ from each other. */
const varied: ReadonlySet<ChatRequest["model"]> = new Set(["chat", "default", "reasoning", "logprobs"]);

/** UTF-16 units of all choices together: answers are held in memory. */
const mostCharacters = 4_000_000;

const spoken: Draft = { reasoning: "", content: null, refusal: null, calls: [], finish: "stop" };

function draftOf(request: ChatRequest, choice: number): Draft | Fault {
  const { model, options, output, messages } = request;
  if (model === "refusal") return { ...spoken, refusal: refusalText };
  if (model === "error") return { ...spoken, content: countingText((options.after ?? tokensBeforeDrop) + 1) };
  if (callsTools(request)) return calling(request);
  if (output.kind === "schema") return structured(output.schema);
  if (output.kind === "json" || model === "json") {
    return { ...spoken, content: JSON.stringify({ sandbox: true, echo: echoText(messages) }) };
  }
  switch (model) {
    case "echo":
      return { ...spoken, content: echoText(messages) };
    case "slow":
      return { ...spoken, content: countingText(options.tokens ?? 40) };
    case "long":
      return { ...spoken, content: countingText(options.tokens ?? 1000) };
    case "tools":
      return { ...spoken, content: messages.at(-1)?.role === "tool" ? toolResultText(messages) : noToolText };
    case "reasoning":
      return { ...spoken, reasoning: reasoningText(thinkingTokens(request)), content: chatText(request, choice) };
    default:
      return { ...spoken, content: chatText(request, choice) };
  }
}

/** Tokens that a stream has before it breaks off, where `after` does not say. */
export const tokensBeforeDrop = 3;

/** Whether tools are called: always when the request demands it, by `tools` also when it may, once in a turn. */
function callsTools({ model, tools, toolChoice, messages }: ChatRequest): boolean {
  if (tools.length === 0 || toolChoice.mode === "none") return false;
  return toolChoice.mode === "required" || (model === "tools" && messages.at(-1)?.role !== "tool");
}

function calling(request: ChatRequest): Draft | Fault {
  const calls = callsOf(request);
  if ("fault" in calls) return calls;
  return { ...spoken, calls, finish: "tool_calls" };
}

function structured(schema: Parameters<typeof instanceOf>[0]): Draft | Fault {
  const made = instanceOf(schema);
  if (made.ok) return { ...spoken, content: JSON.stringify(made.value) };
  const place = "response_format.json_schema.schema";
  return badRequest(`The sandbox can't make an instance of the schema: ${made.reason}.`, place);
}

const effortTokens: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 8,
  low: 16,
  medium: 32,
  high: 64,
  xhigh: 128,
};

function thinkingTokens({ options, reasoningEffort }: ChatRequest): number {
  return options.thinking ?? effortTokens[reasoningEffort ?? "medium"] ?? 32;
}

function stopped(draft: Draft, stop: readonly string[]): Draft {
  const content = draft.content === null ? null : beforeStop(draft.content, stop);
  return content === null ? draft : { ...draft, content };
}

/** Ends a draft where its tokens are used up: reasoning comes first, then text or calls. */
function limited(draft: Draft, max: number | null, count: Count): Draft {
  if (max === null || count(draft.reasoning) + spokenTokens(draft, count) <= max) return draft;
  const reasoning = withinTokens(draft.reasoning, max, count);
  let left = max - count(reasoning);
  const cut = (text: string | null) => (text === null ? null : withinTokens(text, left, count));
  const calls: Call[] = [];
  for (const call of draft.calls) {
    left -= count(call.name);
    if (left <= 0) break;
    const text = withinTokens(call.arguments, left, count);
    calls.push({ ...call, arguments: text });
    left -= count(text);
  }
  return { reasoning, content: cut(draft.content), refusal: cut(draft.refusal), calls, finish: "length" };
}

function spokenTokens({ content, refusal, calls }: Draft, count: Count): number {
  const called = calls.reduce((sum, call) => sum + count(call.name) + count(call.arguments), 0);
  return called + count(content ?? "") + count(refusal ?? "");
}

/** Of the prompt: 3 tokens around each message and 3 before the answer, as OpenAI has them. */
function promptTokens({ messages, tools }: ChatRequest, count: Count): number {
  const texts = tools.map(({ text }) => text);
  for (const { role, name, parts, calls } of messages) {
    texts.push(role);
    if (name !== null) texts.push(name);
    for (const part of parts) texts.push(part.type === "text" ? part.text : part.description);
    for (const call of calls) texts.push(call.name, call.arguments);
  }
  const overhead = 3 * messages.length + 3;
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > countedApart) return overhead + count(texts.join("\n"));
  return texts.reduce((sum, text) => sum + count(text), overhead);
}

/** UTF-16 units. More than these are counted as one text, which a counter can bound. */
const countedApart = 32_768;
