// Compares what a client's SDK reads through Turnpike with what the recording says. What a dialect can't say is all listed here.
import { isDeepStrictEqual } from "node:util";
import type { ReadChoice, ReadFailure, Reading, ReadResult, ReadToolCall, ReadUsage } from "../../support/reading.ts";
import { failureOf } from "./failures.ts";
import type { ClientDialect } from "./gateway.ts";
import type { Wire } from "./routes.ts";
import type { Said } from "./said.ts";

export interface Difference {
  readonly of: string;
  readonly said: unknown;
  readonly read: unknown;
}

export interface Pair {
  readonly wire: Wire;
  readonly client: ClientDialect;
}

/** All in which they differ, and may not. */
export function differences({ wire, client }: Pair, said: Said, read: ReadResult): readonly Difference[] {
  // Bytes that are passed on are read as the SDK reads them at the provider.
  const passed = wire === client && said.bySdk !== null;
  const expected = passed ? said.bySdk : said.result;
  if (expected.kind === "failure") {
    const told = read.kind === "failure" ? toldOf(read.failure, client) : "an answer";
    return differing("failure", failureOf(expected.failure, client), told);
  }
  if (read.kind === "failure") return [{ of: "kind", said: "an answer", read: read.failure }];
  const made = read.reading;
  if (passed) {
    return [
      ...differing("choices", expected.reading.choices, made.choices),
      ...differing("usage", expected.reading.usage, expected.reading.usage === null ? null : made.usage),
    ];
  }
  return [...ofChoices(expected.reading, made, client), ...ofUsage(expected.reading.usage, made.usage, client)];
}

function differing(of: string, said: unknown, read: unknown): readonly Difference[] {
  return isDeepStrictEqual(asJson(said), asJson(read)) ? [] : [{ of, said, read }];
}

/** JSON has no -0 that is another number than 0. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The class of a failure, in the words that clients of the dialect go by. */
function toldOf({ status, code, type, message }: ReadFailure, client: ClientDialect): string | null {
  switch (client) {
    case "openai-chat":
    case "openai-responses":
      return code;
    case "anthropic-messages":
      return type;
    case "gemini":
      return `${status} ${/"status":"([A-Z_]+)"/.exec(message)?.[1]}`;
  }
}

/** Anthropic's answers and responses are one choice: the first. */
function ofChoices(said: Reading, read: Reading, client: ClientDialect): readonly Difference[] {
  const several = client === "openai-chat" || client === "gemini";
  const expected = several ? said.choices : said.choices.slice(0, 1);
  if (expected.length !== read.choices.length)
    return [{ of: "number of choices", said: expected.length, read: read.choices.length }];
  return expected.flatMap((choice, index) => ofChoice(choice, read.choices[index] ?? choice, client));
}

function ofChoice(said: ReadChoice, read: ReadChoice, client: ClientDialect): readonly Difference[] {
  const expected = sayable(said, client);
  return [
    ...differing("text", expected.text, client === "anthropic-messages" ? withoutPictures(read.text) : read.text),
    ...differing("refusal", expected.refusal, read.refusal),
    ...differing("reasoning", expected.reasoning, read.reasoning),
    ...ofCalls(expected.toolCalls, read.toolCalls),
    ...differing("finish", expected.finish, read.finish),
    ...differing("cited URLs", expected.citedUrls, read.citedUrls),
    ...differing("log probabilities", expected.logprobs, read.logprobs),
    ...ofSignatures(expected.signatures, read.signatures),
  ];
}

/**
 * - A finish that the provider left out is made up by what is there.
 * - Anthropic and Gemini have no refusals: they are text, and the finish says so. Gemini and responses have one word for an
 *   answer that stops and one that calls.
 * - Anthropic has no log probabilities.
 */
function sayable(said: ReadChoice, client: ClientDialect): ReadChoice {
  const calls = said.toolCalls.length > 0;
  const finish = said.finish === null || said.finish === "" ? (calls ? "tool-calls" : "stop") : said.finish;
  const choice: ReadChoice = { ...said, finish };
  switch (client) {
    case "openai-chat":
      return choice;
    case "openai-responses":
      return calls && finish === "stop" ? { ...choice, finish: "tool-calls" } : choice;
    case "gemini":
    case "anthropic-messages": {
      const refused = said.refusal !== null;
      return {
        ...choice,
        text: said.text + (said.refusal ?? ""),
        refusal: null,
        finish: refused ? "content-filter" : client === "gemini" && calls && finish === "stop" ? "tool-calls" : finish,
        logprobs: client === "gemini" ? said.logprobs : null,
      };
    }
  }
}

/** The Messages API has no form for a picture that a model made: its place is noted in the text. */
function withoutPictures(text: string): string {
  return text.replace(/\[A picture that the model made \([^)]*\): the Messages API has no form for it\.\]/g, "");
}

/** An id that the provider did not give is made up, and unique in the answer. */
function ofCalls(said: readonly ReadToolCall[], read: readonly ReadToolCall[]): readonly Difference[] {
  const known = read.map((call, index) => (said[index]?.id === null ? { ...call, id: null } : call));
  const ids = read.map(({ id }) => id ?? "");
  const distinct = new Set(ids).size === ids.length && !ids.includes("");
  return [...differing("tool calls", said, known), ...differing("an id of its own for each call", true, distinct)];
}

/** Other vendors' proofs travel in envelopes of the client's dialect, which must hold all of them. */
function ofSignatures(said: readonly string[], read: readonly string[]): readonly Difference[] {
  const opened = read.map((proof) =>
    [proof, ...proof.split(/[.~!]/).map((part) => Buffer.from(part, "base64"))].join(" "),
  );
  const lost = said.filter((proof) => !opened.some((text) => text.includes(proof)));
  return differing("proofs that were lost", [], lost);
}

/**
 * What the provider did not report, Turnpike counts, or tells as 0. Gemini has no place for what was written to a cache, and a
 * write is told no greater than what of the input was not read from there.
 */
function ofUsage(said: ReadUsage | null, read: ReadUsage | null, client: ClientDialect): readonly Difference[] {
  if (said === null) return read === null ? [{ of: "usage", said: "some", read }] : [];
  const detail = (name: "cached" | "cacheWrite" | "reasoning") =>
    said[name] === null && read?.[name] === 0 ? null : (read?.[name] ?? null);
  const told = read && {
    ...read,
    cached: detail("cached"),
    cacheWrite: detail("cacheWrite"),
    reasoning: detail("reasoning"),
  };
  const written = said.cacheWrite === null ? null : Math.min(said.cacheWrite, said.input - (said.cached ?? 0));
  return differing("usage", { ...said, cacheWrite: client === "gemini" ? null : written }, told);
}
