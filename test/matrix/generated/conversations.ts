// Arbitrary conversations, in words that no dialect owns: what people, models and tools may say to each other, in any order that
// every dialect allows.
import fc from "fast-check";
import type { JsonObject } from "../../support/recordings.ts";
import type { Said, Turn } from "../upstreams/said.ts";

/** A turn with calls is followed by their results, `of` which may come in any order. */
export interface Chat {
  readonly system: string;
  readonly tools: readonly string[];
  readonly turns: readonly ChatTurn[];
  /** Whether calls have ids where the client's dialect does without. Without them, results are in the order of the calls. */
  readonly ids: boolean;
}

export type ChatTurn =
  | Extract<Turn, { readonly by: "user" }>
  | { readonly by: "model"; readonly text: string; readonly calls: readonly Call[] }
  | { readonly by: "tools"; readonly results: readonly Result[] };

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

interface Result {
  readonly of: Call;
  readonly text: string;
}

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const toolNames = ["look", "find_it", "weather-2"] as const;

/** Words with quotes, line ends and characters beyond the 16-bit ones; never blank, which most providers refuse. */
const words = fc.string({ unit: "binary", maxLength: 12 }).map((text) => `w${text}w`);
/** Names that objects of JavaScript have already are among them. */
const member = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("__proto__", "constructor", "0"));
const jsonObject = fc
  .dictionary(member, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const call = fc.record({ name: fc.constantFrom(...toolNames), arguments: jsonObject });

const user = fc.record({
  by: fc.constant("user" as const),
  text: words,
  images: fc.subarray([`image/png;${png}`]),
});

/** A question, rounds of calls with their results, and an answer, which may be still to come after results. */
const exchange = fc.record({
  asked: user,
  rounds: fc.array(
    fc.record({
      text: fc.oneof(fc.constant(""), words),
      calls: fc.array(call, { minLength: 1, maxLength: 3 }),
      told: fc.array(words, { minLength: 3, maxLength: 3 }),
      reversed: fc.boolean(),
      /** What the user says at once when the results are there. */
      interrupted: fc.option(user, { nil: null, freq: 3 }),
    }),
    { maxLength: 2 },
  ),
  answer: words,
});

export const chats: fc.Arbitrary<Chat> = fc
  .record({ system: words, exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }), ids: fc.boolean() })
  .map(({ system, exchanges, ids }) => {
    let made = 0;
    const turns = exchanges.flatMap(({ asked, rounds, answer }, at): ChatTurn[] => [
      asked,
      ...rounds.flatMap(({ text, calls, told, reversed, interrupted }): ChatTurn[] => {
        const named = calls.map((one): Call => {
          made += 1;
          return { id: `call_${made}`, ...one };
        });
        const results = named.map((of, index): Result => ({ of, text: told[index] ?? "" }));
        const ordered = reversed && ids ? results.toReversed() : results;
        const after: ChatTurn[] = interrupted === null ? [] : [interrupted];
        return [{ by: "model", text, calls: named }, { by: "tools", results: ordered }, ...after];
      }),
      ...(at === exchanges.length - 1 ? [] : [{ by: "model" as const, text: answer, calls: [] }]),
    ]);
    return { system, tools: toolNames, turns, ids };
  });

/** The chat as a provider must read it. */
export function asRead({ turns }: Chat): readonly unknown[] {
  return turns.map(readTurn);
}

function readTurn(turn: ChatTurn): unknown {
  switch (turn.by) {
    case "user":
      return turn;
    case "model":
      return { ...turn, calls: turn.calls.map(({ name, arguments: args }) => ({ name, arguments: args })) };
    case "tools":
      return { ...turn, results: turn.results.map(({ of, text }) => ({ of: of.name, text })) };
  }
}

const tokens = fc.nat({ max: 1_000_000 });

/** Any answer of a model: it says something or calls tools, or both. */
export const answers: fc.Arbitrary<Said> = fc
  .record({
    reasoning: fc.option(words, { nil: null }),
    text: fc.oneof(fc.constant(""), words),
    calls: fc.array(call, { maxLength: 3 }),
    usage: fc.record({ input: tokens, cached: tokens, output: tokens, reasoning: tokens }),
  })
  .map(({ reasoning, text, calls, usage }) => ({
    reasoning: reasoning === null ? null : { text: reasoning, signature: "EpUJCkgIDBABGAIqQO8yqu3hAS47hyuJXjCieM6E" },
    text: text === "" && calls.length === 0 ? "w" : text,
    calls: calls.map((one, index) => ({ id: `call_${index}`, ...one })),
    usage,
  }));
