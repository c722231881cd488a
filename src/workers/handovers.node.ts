// Connections on their way from the keeper to a worker. node:cluster keeps those that a worker had not taken when it died: they go to
// another one.
import type { Worker } from "node:cluster";

/** What node:cluster sends with a connection, and what comes back when the worker has taken it, or will not. */
interface Handover {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Gives the connections that a worker was given and never answered for to others, once it is gone: their clients would wait for
 * ever. Nobody has read of them yet. (Node 24, lib/internal/cluster/round_robin_handle.js: a connection is closed, or given to
 * another worker, by the answer alone; so the answer of one that will not take it is given in the dead one's place.)
 * @param othersServe whether there is anybody else; they are closed otherwise.
 */
export function passOnUntaken(worker: Worker, othersServe: () => boolean): void {
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
  const passOn = (): void => {
    for (const [ack, connection] of untaken) {
      if (othersServe()) process.emit("internalMessage", { cmd: "NODE_CLUSTER", ack, accepted: false }, undefined);
      else connection.close();
    }
    untaken.clear();
  };
  // It is given no more of them once node:cluster has seen that it is gone.
  worker.on("exit", () => (worker.isConnected() ? worker.once("disconnect", passOn) : passOn()));
}
