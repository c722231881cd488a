// Loaded into a process before its own program (`--import`): tells its parent how long its event loop was held up at the longest.
import { isMainThread } from "node:worker_threads";

export interface Stall {
  /** The most CPU that the main thread spent between two turns of a timer of 1 ms: what other work of the machine does not lengthen. */
  readonly cpuMs: number;
  /** The longest time between two such turns. */
  readonly wallMs: number;
}

export interface Memory {
  readonly heapMb: number;
  readonly rssMb: number;
}

if (isMainThread && process.send !== undefined) {
  let stall = { cpuMs: 0, wallMs: 0 };
  let spent = spentMs();
  let at = performance.now();
  const look = (): void => {
    const nowSpent = spentMs();
    const now = performance.now();
    stall = { cpuMs: Math.max(stall.cpuMs, nowSpent - spent), wallMs: Math.max(stall.wallMs, now - at) };
    spent = nowSpent;
    at = now;
  };
  setInterval(look, 1).unref();
  // An answer for each question: the stall since the last one, or what is held after a full collection.
  process.on("message", (message) => {
    if (message === "memory") process.send?.(memory());
    if (message !== "stall") return;
    look();
    process.send?.(stall);
    stall = { cpuMs: 0, wallMs: 0 };
  });
  process.channel?.unref();
}

function memory(): Memory {
  // Twice: what finalizers let go of is collected by the second.
  for (let time = 0; time < 2; time++) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
}

function spentMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
