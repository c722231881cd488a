// A store whose long reads are made in a thread: SQLite answers where it is asked, and a year's usage takes a second, for which no call
// could go on.
import { Worker } from "node:worker_threads";
import type { Store } from "./port.ts";
import type { Answer, Question } from "./reading.thread.node.ts";

/**
 * What may take long, of what operators ask: it looks through many rows, or returns many. A thread's answer costs some 50 µs more than
 * one on the spot, so what is short stays here.
 */
const longReads: { readonly [Room in keyof Store]?: readonly (keyof Store[Room])[] } = {
  calls: ["usage", "listOpen"],
  ledger: ["statements", "list", "balance"],
  keys: ["list"],
  customers: ["list"],
  projects: ["list"],
  audit: ["list", "scan", "actionsOf"],
  prompts: ["list"],
  refusals: ["list"],
};

export interface ReadingStore extends Store {
  /** Ends the thread; the store that it was made of stays open. */
  leave(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The store with its long reads in a thread, which is started by the first one. It sees what was committed before it was asked.
 * @param path of the store's file; null where it is in memory: then all is read here.
 * @param onError told when the thread fails; who waited for it is told so too, and the next one has another.
 */
export function readingInThread(store: Store, path: string | null, onError: (error: unknown) => void): ReadingStore {
  if (path === null) return { ...store, leave: async () => {} };
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;

  function start(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./reading.thread.node.ts" : "./reading.thread.node.js";
    const started = new Worker(new URL(file, import.meta.url), { workerData: path });
    started.unref();
    started.on("message", (answer: Answer) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("error" in answer) asker?.reject(new Error(answer.error.message));
      else asker?.resolve(answer.value);
    });
    started.on("error", onError);
    started.on("exit", () => {
      if (worker === started) worker = null;
      for (const { reject } of waiting.values()) reject(new Error("the thread that reads has ended"));
      waiting.clear();
    });
    return started;
  }

  const asking =
    (of: string, name: string) =>
    (...args: readonly unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        worker ??= start();
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        worker.postMessage({ id: lastId, of, name, args } satisfies Question);
      });

  const rooms = Object.entries(longReads).map(([of, names]) => {
    const own = Object.fromEntries(names.map((name) => [name, asking(of, name)]));
    return [of, { ...store[of as keyof typeof longReads], ...own }];
  });
  return {
    ...store,
    ...(Object.fromEntries(rooms) as Partial<Store>),
    leave: async () => {
      await worker?.terminate();
    },
  };
}
