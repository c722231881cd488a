// Which of the offered tools the sandbox calls, and with what.
import { badRequest, type Fault } from "./fault.ts";
import { digest } from "./identity.ts";
import type { ChatRequest } from "./request.ts";
import { type Budget, budget } from "./schema/budget.ts";
import { instanceOf } from "./schema/instance.ts";
import { textOf } from "./texts.ts";
import type { OfferedTool } from "./tool-request.ts";

export interface Call {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/**
 * The calls of an answer: of the tools that the prompt names, else the first; as many as `?calls=` or the prompt asks
 * ("call 3 tools", "both", "all", "in parallel"). A tool that is called again gets other arguments.
 */
export function callsOf(request: ChatRequest): readonly Call[] | Fault {
  const { tools, toolChoice, parallelToolCalls, options, messages } = request;
  const allowed = tools.filter(({ name }) => toolChoice.names.includes(name));
  const last = messages.findLast(({ role }) => role === "user");
  const prompt = last === undefined ? "" : textOf(last);
  const named = allowed.filter(({ name }) => mentions(prompt, name));
  const asked = options.calls ?? askedFor(prompt, allowed.length);
  const count = parallelToolCalls ? (asked ?? Math.max(1, named.length)) : 1;
  const called = named.length >= (asked ?? 0) && named.length > 0 ? named : allowed;
  const work = budget();
  const calls: Call[] = [];
  for (let at = 0; at < count && called.length > 0; at++) {
    const tool = called[at % called.length];
    const call = tool && callOf(tool, { round: Math.floor(at / called.length), at, request, work });
    if (call === undefined || "fault" in call) return call ?? [];
    calls.push(call);
  }
  return calls;
}

interface CallPlace {
  /** How often the tool was called before. */
  readonly round: number;
  /** Which of the answer's calls it is. */
  readonly at: number;
  readonly request: ChatRequest;
  readonly work: Budget;
}

function callOf(tool: OfferedTool, { round, at, request, work }: CallPlace): Call | Fault {
  const made = instanceOf(tool.parameters, { name: tool.name, sibling: round, work });
  if (!made.ok) {
    const place = `tools[${request.tools.indexOf(tool)}].function.parameters`;
    return badRequest(`The sandbox can't make arguments for \`${tool.name}\`: ${made.reason}.`, place);
  }
  const text = JSON.stringify(made.value);
  const turn = request.messages.length;
  return { id: `call_sandbox_${digest(`${turn}:${at}:${tool.name}:${text}`)}`, name: tool.name, arguments: text };
}

function mentions(prompt: string, name: string): boolean {
  const at = prompt.toLowerCase().indexOf(name.toLowerCase());
  return at >= 0 && !/\w/.test(prompt[at - 1] ?? "") && !/\w/.test(prompt[at + name.length] ?? "");
}

const countWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** How many calls a prompt asks for; null when it does not say. */
function askedFor(prompt: string, offered: number): number | null {
  const number = /\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten) (?:tools?|functions?|calls?|times)\b/i;
  const [, counted] = number.exec(prompt) ?? [];
  if (counted !== undefined) {
    const word = countWords.indexOf(counted.toLowerCase());
    return Math.max(1, word >= 0 ? word : Number(counted));
  }
  return /\b(?:all|both|every|parallel)\b/i.test(prompt) ? Math.max(2, offered) : null;
}
