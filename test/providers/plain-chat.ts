// Reads an OpenAI-compatible answer in the plainest way, to compare with what a dialect makes of it.
import type { Recording } from "../support/recordings.ts";

// biome-ignore lint/suspicious/noExplicitAny: a reader that trusts the JSON of a recording needs no types of it.
type Json = any;

export interface PlainAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** The id of each call; null for one that came without. */
  readonly callIds: readonly (string | null)[];
  /** The finish reason as it came; null when there was none. */
  readonly finish: string | null;
  readonly urls: readonly string[];
  readonly usage: PlainUsage | null;
}

export interface PlainUsage {
  readonly prompt: number;
  readonly completion: number;
  readonly cached: number | undefined;
  readonly reasoning: number | undefined;
}

/** The first choice of a recording, whole or streamed. */
export function plainAnswer(recording: Recording): PlainAnswer {
  const objects: Json[] = recording.stream ? chunksOf(recording.response) : [JSON.parse(recording.response)];
  let text = "";
  let reasoning = "";
  let finish: string | null = null;
  let urls: string[] = [];
  let usage: Json = null;
  const cited: string[] = [];
  const calls: { id: string | undefined; index: number; name: string; arguments: string }[] = [];
  for (const object of objects) {
    usage = object.usage ?? object.x_groq?.usage ?? usage;
    urls = object.search_results?.map((result: Json) => result.url) ?? object.citations ?? urls;
    const choice = object.choices?.find((one: Json) => (one.index ?? 0) === 0);
    if (choice === undefined) continue;
    const said: Json = (recording.stream ? choice.delta : choice.message) ?? {};
    finish ||= choice.finish_reason || null;
    reasoning += said.reasoning_content ?? said.reasoning ?? detailText(said.reasoning_details ?? []);
    for (const part of Array.isArray(said.content) ? said.content : [{ type: "text", text: said.content ?? "" }]) {
      if (part.type === "text") text += part.text;
      if (part.type === "thinking") reasoning += part.thinking.map((piece: Json) => piece.text ?? "").join("");
    }
    for (const annotation of said.annotations ?? []) cited.push(annotation.url_citation.url);
    for (const call of said.tool_calls ?? []) {
      const known = recording.stream
        ? calls.find((one) => one.index === (call.index ?? 0) && (!call.id || call.id === one.id))
        : undefined;
      const made = call.function;
      const words = typeof made.arguments === "string" ? made.arguments : JSON.stringify(made.arguments ?? {});
      if (known === undefined) {
        calls.push({ id: call.id, index: call.index ?? 0, name: made.name, arguments: words });
      } else known.arguments += words;
    }
  }
  const tagged = /^\s*<think>\s*([\s\S]*?)\s*<\/think>\s*/.exec(text);
  const open = tagged === null ? /^\s*<think>\s*([\s\S]*)$/.exec(text) : null;
  if (tagged !== null) text = text.slice(tagged[0].length);
  if (open !== null) text = "";
  reasoning += tagged?.[1] ?? open?.[1] ?? "";
  return {
    text,
    reasoning,
    calls: calls.map((call) => ({ name: call.name, arguments: call.arguments === "" ? "{}" : call.arguments })),
    callIds: calls.map(({ id }) => id || null),
    finish,
    urls: [...cited, ...urls],
    usage: usage === null || usage === undefined ? null : plainUsage(usage),
  };
}

function detailText(details: readonly Json[]): string {
  return details.map((detail) => detail.text ?? detail.summary ?? "").join("");
}

/** Totals with what some servers count beside them: cached input (xAI at Azure) and reasoning (xAI). */
function plainUsage(usage: Json): PlainUsage {
  const cached =
    usage.prompt_tokens_details?.cached_tokens ??
    usage.prompt_cache_hit_tokens ??
    usage.cached_tokens ??
    usage.num_cached_tokens;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens;
  const beside = usage.total_tokens === usage.prompt_tokens + usage.completion_tokens + (reasoning ?? 0);
  return {
    prompt: usage.prompt_tokens + (cached > usage.prompt_tokens ? cached : 0),
    completion: (usage.completion_tokens ?? 0) + (beside ? (reasoning ?? 0) : 0),
    cached,
    reasoning,
  };
}

function chunksOf(response: string): Json[] {
  return response
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:") && !line.includes("[DONE]"))
    .map((line) => JSON.parse(line.slice("data:".length)));
}
