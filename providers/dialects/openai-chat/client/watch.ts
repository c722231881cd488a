// Watches a stream that is passed on as it came: most frames are known by their shape or judged by a few substrings, and
// never parsed.
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import { count, isObject, type Json, list, object } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { failureInside, protocolFailure } from "../error.ts";
import { usageOf } from "../usage.ts";
import { Choices } from "./choices.ts";
import { FrameTemplate } from "./template.ts";

const preamble: FrameGlance = { kind: "preamble" };
const content: FrameGlance = { kind: "content" };
const accounting: FrameGlance = { kind: "usage" };
const end: FrameGlance = { kind: "end" };
const noJson = protocolFailure("A chunk of the provider's stream is no JSON.");

export function createStreamWatcher(): StreamWatcher {
  return new ChunkWatcher();
}

/*
 * Why substrings are enough: inside a JSON string a quote is always written `\"`, so `"usage":` with both quotes bare can
 * only be a member's name, never something that a model said.
 */
class ChunkWatcher implements StreamWatcher {
  #contentSeen = false;
  #done = false;
  readonly #template = new FrameTemplate();
  readonly #choices = new Choices();
  /** The last frame that held usage, parsed when somebody asks: some servers send usage with every chunk. */
  #usageData: string | null = null;
  #usage: Usage | null = null;

  get usage(): Usage | null {
    if (this.#usageData !== null) {
      const chunk = parse(this.#usageData);
      this.#usage = (chunk === null ? null : usageOf(chunk)) ?? this.#usage;
      this.#usageData = null;
    }
    return this.#usage;
  }

  get ended(): boolean {
    return this.#done || this.#choices.finished;
  }

  glance(frame: Frame): FrameGlance {
    const { data } = frame;
    if (frame.event === null && this.#template.matches(data)) return content;
    if (data.length < 16 && data.trim() === "[DONE]") {
      this.#done = true;
      return end;
    }
    if (frame.event === "error" || hasMember(data, '"error":')) {
      const failure = failureOf(frame);
      if (failure !== null) return { kind: "error", failure };
    }
    const usage = hasMember(data, '"usage":', "{");
    if (usage) this.#usageData = data;
    const choices = valueAt(data, '"choices":', 0);
    if (choices !== -1 && data[choices] === "[" && data[choices + 1] === "]") return usage ? accounting : preamble;
    return this.#judge(data, { usage, first: saysFirst(data, choices) });
  }

  #judge(data: string, { usage, first }: { readonly usage: boolean; readonly first: boolean }): FrameGlance {
    const finish = hasMember(data, '"finish_reason":', '"');
    if (this.#contentSeen && !finish && first && !this.#choices.anyFinished) {
      this.#choices.begin(0);
      if (!usage) this.#template.learn(data);
      return content;
    }
    const chunk = parse(data);
    if (chunk === null) return data.trim() === "" ? preamble : { kind: "error", failure: noJson };
    const failure = failureInside(chunk);
    if (failure !== null) return { kind: "error", failure };
    let shows = false;
    for (const value of list(chunk.choices)) {
      const choice = object(value);
      if (choice === null) continue;
      const index = count(choice.index) ?? 0;
      this.#choices.begin(index);
      if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") this.#choices.finish(index);
      shows ||= showsSomething(choice);
    }
    if (!shows && !this.#contentSeen) return preamble;
    this.#contentSeen = true;
    return content;
  }
}

/** Where the value of the next member of this name begins; -1 when there is none. */
function valueAt(data: string, name: string, from: number): number {
  const at = data.indexOf(name, from);
  if (at === -1) return -1;
  let value = at + name.length;
  while (data[value] === " ") value++;
  return value;
}

/** Whether the chunk is of the first choice. OpenAI and most others write a choice's index first. */
function saysFirst(data: string, choices: number): boolean {
  return data.startsWith('[{"index":0,', choices) || data.includes('"index":0') || data.includes('"index": 0');
}

/** Whether `name` is a member whose value begins with `first`; any value but null when that is not given. */
function hasMember(data: string, name: string, first?: string): boolean {
  for (let value = valueAt(data, name, 0); value !== -1; value = valueAt(data, name, value)) {
    if (first === undefined ? data[value] !== "n" : data[value] === first) return true;
  }
  return false;
}

function failureOf(frame: Frame): ProviderFailure | null {
  const chunk = parse(frame.data);
  if (chunk === null) return frame.event === "error" ? protocolFailure(frame.data) : null;
  if (frame.event === "error" && !isObject(chunk.error)) return failureInside({ error: chunk });
  const failure = failureInside(chunk);
  if (failure !== null) return failure;
  for (const choice of list(chunk.choices)) {
    const broken = failureInside({ error: object(choice)?.error });
    if (broken !== null) return broken;
  }
  return null;
}

/** Whether a client has anything to show for this chunk: a word, a call, an end. */
function showsSomething(choice: Json): boolean {
  if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") return true;
  // Legacy completions have their text here.
  if (typeof choice.text === "string" && choice.text !== "") return true;
  const delta = object(choice.delta) ?? object(choice.message) ?? {};
  return Object.entries(delta).some(([name, value]) => name !== "role" && !isEmpty(value));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function parse(data: string): Json | null {
  try {
    return object(JSON.parse(data));
  } catch {
    return null;
  }
}
