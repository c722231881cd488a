// The thread that counts tokens: takes a text, or what was gathered of a conversation, gives its count.
import { parentPort } from "node:worker_threads";
import { countGathered, type Gathered } from "./estimate.ts";
import { nodeTokenCounter } from "./tokens.node.ts";

export interface CountRequest {
  readonly id: number;
  readonly what: { readonly text: string } | Gathered;
}

export interface CountResult {
  readonly id: number;
  /** Null when it could not be counted. */
  readonly tokens: number | null;
}

const counter = nodeTokenCounter();

parentPort?.on("message", ({ id, what }: CountRequest) => {
  parentPort?.postMessage({ id, tokens: countOrNull(what) } satisfies CountResult);
});

function countOrNull(what: CountRequest["what"]): number | null {
  try {
    return "text" in what ? counter.count(what.text) : countGathered(what, counter);
  } catch {
    return null;
  }
}
