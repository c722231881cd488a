// What is lost between a client's dialect and a provider's, each with its reason. Nothing else may be.
import { expect } from "vitest";
import type { Read } from "./clients/client.ts";
import type { Asked, Wire } from "./upstreams/said.ts";

export interface Pair {
  readonly client: string;
  readonly wire: Wire;
}

interface Loss {
  readonly reason: string;
  readonly when: (pair: Pair) => boolean;
  readonly asked?: (asked: Asked) => Asked;
  readonly read?: (read: Read) => Read;
}

const without = (read: Read, usage: Partial<Read["usage"]>): Read => ({ ...read, usage: { ...read.usage, ...usage } });

const losses: readonly Loss[] = [
  {
    reason:
      "answers pass as they are between the same dialects, and OpenRouter's member for readable reasoning is `reasoning`",
    when: ({ client, wire }) => client === "openai-chat" && wire.dialect === client,
    read: (read) => ({ ...read, reasoning: "" }),
  },
  {
    reason: "Anthropic, Bedrock and Cohere do not count reasoning apart from other output",
    when: ({ wire }) => wire.lacks.reasoningTokens === true,
    read: (read) => without(read, { reasoning: null }),
  },
  {
    reason: "a response must have a number there (OpenAI's schema `ResponseUsage`)",
    when: ({ client, wire }) => client === "openai-responses" && wire.lacks.reasoningTokens === true,
    read: (read) => without(read, { reasoning: 0 }),
  },
  {
    reason: "what a Cohere model says before its calls is `tool_plan`, which is reasoning to others",
    when: ({ wire }) => wire.dialect === "cohere",
    read: (read) => (read.calls.length === 0 ? read : { ...read, reasoning: read.reasoning + read.text, text: "" }),
  },
  {
    reason:
      "Cohere takes earlier reasoning back as the plan of the calls that followed, with the text that stood before them",
    when: ({ wire }) => wire.dialect === "cohere",
    asked: (asked) => ({
      ...asked,
      turns: asked.turns.map((turn) =>
        turn.by === "model" ? { ...turn, reasoning: "", signature: "", text: `${turn.reasoning}\n${turn.text}` } : turn,
      ),
    }),
  },
  {
    reason:
      "Cohere signs nothing; where a dialect demands a proof, or a word where reasoning begins, clients get a note of Turnpike's in its place",
    when: ({ client, wire }) => wire.signature === null && client === "openai-chat",
    read: (read) => ({ ...read, signed: false }),
  },
  {
    reason: "Gemini gives calls no ids; other clients need some and get made-up ones",
    when: ({ client, wire }) => wire.dialect === "gemini" && client !== wire.dialect,
    read: (read) => ({ ...read, calls: read.calls.map((call) => ({ ...call, id: expect.stringMatching(/./) })) }),
  },
  {
    reason: "Gemini's own clients are given what Gemini gave: no ids",
    when: ({ client, wire }) => wire.dialect === "gemini" && client === wire.dialect,
    read: (read) => ({ ...read, calls: read.calls.map((call) => ({ ...call, id: "" })) }),
  },
];

/** What is left of a request and of an answer between the two. */
export function lossOf(pair: Pair): { asked(asked: Asked): Asked; read(read: Read): Read } {
  const found = losses.filter(({ when }) => when(pair));
  return {
    asked: (asked) => found.reduce((left, loss) => loss.asked?.(left) ?? left, asked),
    read: (read) => found.reduce((left, loss) => loss.read?.(left) ?? left, read),
  };
}
