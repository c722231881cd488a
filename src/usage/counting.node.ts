// Counting on Node: in a thread of its own. Loading an encoding takes some 0.3 s and counting up to 30 ms, during which the
// main thread must go on.
import { Worker } from "node:worker_threads";
import type { CountRequest, CountResult } from "./counting.thread.node.ts";
import type { Counting } from "./counting.ts";
import { estimateInput, gatherConversation } from "./estimate.ts";
import { estimateText } from "./estimate-text.ts";

export interface ThreadCounting extends Counting {
  close(): Promise<void>;
}

/** The thread is started when the first count is asked for. Should it fail, the cheap estimate stands in. */
export function countingInThread(onError: (error: unknown) => void): ThreadCounting {
  const waiting = new Map<number, (tokens: number | null) => void>();
  let worker: Worker | null = null;
  let lastId = 0;

  function start(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./counting.thread.node.ts" : "./counting.thread.node.js";
    const started = new Worker(new URL(file, import.meta.url));
    started.unref();
    started.on("message", ({ id, tokens }: CountResult) => {
      waiting.get(id)?.(tokens);
      waiting.delete(id);
    });
    started.on("error", (error) => {
      onError(error);
      worker = null;
      for (const give of waiting.values()) give(null);
      waiting.clear();
    });
    return started;
  }

  async function count(what: CountRequest["what"], estimate: () => number): Promise<number> {
    worker ??= start();
    lastId += 1;
    const id = lastId;
    const tokens = await new Promise<number | null>((resolve) => {
      waiting.set(id, resolve);
      worker?.postMessage({ id, what } satisfies CountRequest);
    });
    return tokens ?? estimate();
  }

  return {
    // Pictures and files stay here: they are told by their size, and copying them would take longer than all the rest.
    input: (conversation) => count(gatherConversation(conversation), () => estimateInput(conversation)),
    output: (text) => count({ text }, () => estimateText(text)),
    close: async () => {
      await worker?.terminate();
    },
  };
}
