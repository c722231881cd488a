// What the matrix asks through each client's official SDK, and what is read from the answers.
import type { JsonObject } from "../../support/recordings.ts";

export interface Place {
  readonly url: string;
  readonly key: string;
}

/** The first request of the matrix: the same for all. */
export const asking = {
  system: "Be brief.",
  text: "What is the weather in this picture, and what time is it?",
  /** One transparent pixel. */
  image: {
    mediaType: "image/png",
    data: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  },
  maxTokens: 4000,
  thinkingTokens: 2048,
  tools: [
    { name: "weather", description: "Tells the weather.", parameters: parameters("city") },
    { name: "clock", description: "Tells the time.", parameters: parameters("zone") },
  ],
} as const;

function parameters(member: string) {
  return { type: "object" as const, properties: { [member]: { type: "string" } }, required: [member] };
}

/** What a client's SDK reads from an answer. */
export interface Read {
  readonly reasoning: string;
  /** Whether there is a proof that the client can give back. */
  readonly signed: boolean;
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: JsonObject }[];
  readonly finish: "stop" | "calls";
  /** Totals: input with cached tokens, output with reasoning. Null where the dialect has no place for it. */
  readonly usage: {
    readonly input: number;
    readonly cached: number | null;
    readonly output: number;
    readonly reasoning: number | null;
  };
}

/** A conversation that has had its first answer. */
export interface Opened {
  readonly read: Read;
  /** Echoes the answer as the SDK gave it, with these results of its calls by the tools' names. */
  reply(results: Readonly<Record<string, string>>): Promise<Read>;
}

export interface MatrixClient {
  readonly dialect: string;
  open(model: string, streamed: boolean): Promise<Opened>;
}
