// Checkpoints: what the write-ahead log of a busy database holds is moved into its file by a thread. SQLite would do it in the commit
// that makes the log long enough, and flushes both files to the disk meanwhile: no call could go on.
import { Worker } from "node:worker_threads";
import type { Checkpoints } from "./sqlite.ts";

/** Commits from one checkpoint to the next: groups of calls change some ten pages each, and SQLite's own measure is 1,000 pages. */
const commitsBetween = 128;

/**
 * Checkpoints for the database at `path`, whose own are put off. The thread begins with the first of them.
 * @param onError told when the thread fails; SQLite's own checkpoints are left then.
 */
export function checkpointsInThread(path: string, onError: (error: unknown) => void): Checkpoints {
  let worker: Worker | null = null;
  let failed = false;
  let running = false;
  let commits = 0;

  function start(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./checkpoint.thread.node.ts" : "./checkpoint.thread.node.js";
    const started = new Worker(new URL(file, import.meta.url), { workerData: path });
    started.unref();
    started.on("message", () => {
      running = false;
    });
    started.on("error", (error) => {
      failed = true;
      onError(error);
    });
    return started;
  }

  return {
    committed() {
      commits += 1;
      if (running || failed || commits < commitsBetween) return;
      commits = 0;
      running = true;
      worker ??= start();
      worker.postMessage(null);
    },
    async close() {
      failed = true;
      await worker?.terminate();
    },
  };
}
