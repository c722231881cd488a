// What a client reads from an answer, in one neutral form, so that two ways to the same answer can be compared.

/** Why the model stopped, in words that no dialect owns. A word that is none of these is the provider's own. */
export type ReadFinish = "stop" | "length" | "tool-calls" | "content-filter" | (string & {}) | null;

export interface ReadToolCall {
  /** Null where the provider gives calls no id. */
  readonly id: string | null;
  readonly name: string;
  /** The parsed arguments; `{ unparsed: text }` where they are not JSON. */
  readonly arguments: unknown;
}

export interface ReadChoice {
  readonly text: string;
  readonly refusal: string | null;
  /** Readable reasoning; null when there is none. */
  readonly reasoning: string | null;
  /** Opaque proofs and ciphertexts that must come back in a later request, sorted. */
  readonly signatures: readonly string[];
  readonly toolCalls: readonly ReadToolCall[];
  readonly finish: ReadFinish;
  /** URLs that the text cites, sorted, each once. */
  readonly citedUrls: readonly string[];
  readonly logprobs: readonly { readonly token: string; readonly logprob: number }[] | null;
}

/** Totals as OpenAI counts them: input with cached tokens, output with reasoning. Null is "not reported". */
export interface ReadUsage {
  readonly input: number;
  readonly cached: number | null;
  readonly cacheWrite: number | null;
  readonly output: number;
  readonly reasoning: number | null;
}

/** The first choice, all choices, and what they cost. */
export interface Reading extends ReadChoice {
  readonly choices: readonly ReadChoice[];
  readonly usage: ReadUsage | null;
}

/** What a client is told when there is no answer, or when it ends in an error. */
export interface ReadFailure {
  /** Null for an error inside a stream. */
  readonly status: number | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly message: string;
}

export type ReadResult =
  | { readonly kind: "reading"; readonly reading: Reading }
  | { readonly kind: "failure"; readonly failure: ReadFailure };

const NOTHING: ReadChoice = {
  text: "",
  refusal: null,
  reasoning: null,
  signatures: [],
  toolCalls: [],
  finish: null,
  citedUrls: [],
  logprobs: null,
};

/** Builds a Reading; an answer without choices reads as one empty choice. */
export function reading(choices: readonly ReadChoice[], usage: ReadUsage | null): ReadResult {
  const all = choices.length === 0 ? [NOTHING] : choices;
  return { kind: "reading", reading: { ...(all[0] ?? NOTHING), choices: all, usage } };
}

export function failure(told: ReadFailure): ReadResult {
  return { kind: "failure", failure: told };
}

/** Parses a model's arguments; text that is not JSON is kept. */
export function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { unparsed: text };
  }
}

/** Sorted, without repetitions and empty ones. */
export function distinct(values: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value): value is string => typeof value === "string" && value !== ""))].sort();
}
