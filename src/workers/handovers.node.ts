// Connections on their way from the keeper to a worker. node:cluster keeps those open that a worker had not taken when it died.
import type { Worker } from "node:cluster";

/** What node:cluster sends with a connection, and what comes back when the worker has taken it, or will not. */
interface Handover {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Closes the connections that a worker was given and never answered for, once it is gone: their clients would wait for ever.
 * (Node 24, lib/internal/cluster/round_robin_handle.js: a connection is closed, or given to another worker, by the answer alone.)
 */
export function closeUntaken(worker: Worker): void {
  const { process } = worker;
  const untaken = new Map<number, { close(): void }>();
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = (message: Handover, handle?: unknown, ...rest: unknown[]): boolean => {
    if (message.act === "newconn" && message.seq !== undefined && handle) {
      untaken.set(message.seq, handle as { close(): void });
    }
    return send(message, handle, ...rest);
  };
  process.on("internalMessage", ({ ack }: Handover) => {
    if (ack !== undefined) untaken.delete(ack);
  });
  worker.on("exit", () => {
    for (const connection of untaken.values()) connection.close();
    untaken.clear();
  });
}
