// Retiring: how a server hands over to others without refusing or breaking off anything.
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { Comers } from "./comers.ts";

export interface Retiring {
  /**
   * Takes no new connections from now on. Those there are end with their next answer, or when they have been idle for as long as
   * the server allows: closed any sooner, a request that is on its way would meet nobody. Resolves with the last of them.
   * @param withinMs how long answers that have begun may take; those are broken off then.
   */
  retire(withinMs: number): Promise<void>;
  /**
   * Breaks off, from now on, exchanges whose requests come no further: nobody can answer what does not arrive, and a client that sends
   * no more would be waited for as long as a call.
   */
  breakOffStalled(): void;
}

/** How long nothing of a request may come. */
const stalledMs = 2_000;

/** Follows the answers of a server, so that it can retire. */
export function retiring(server: Server): Retiring {
  const answering = new Comers<ServerResponse>();
  let isRetiring = false;
  // One function for all: it would be kept with each open answer.
  function closed(this: ServerResponse): void {
    answering.delete(this);
  }
  server.prependListener("request", (_incoming, outgoing) => {
    if (isRetiring) outgoing.shouldKeepAlive = false;
    answering.add(outgoing);
    outgoing.on("close", closed);
  });
  const breakOffStalled = (): void => {
    const read = new Map<ServerResponse, number | undefined>();
    setInterval(() => {
      for (const outgoing of [...answering]) {
        const { bytesRead } = outgoing.req.socket;
        if (awaitsRequest(outgoing) && read.get(outgoing) === bytesRead) outgoing.destroy();
        else read.set(outgoing, bytesRead);
      }
    }, stalledMs).unref();
  };
  return {
    breakOffStalled,
    async retire(withinMs) {
      isRetiring = true;
      breakOffStalled();
      // Its heads are not sent yet: the client learns of it in time.
      for (const outgoing of answering) outgoing.shouldKeepAlive = false;
      const ended = once(server, "close");
      // Not the HTTP server's own, which closes idle connections at once.
      NetServer.prototype.close.call(server);
      const breakOff = setTimeout(() => {
        for (const outgoing of [...answering]) outgoing.destroy();
      }, withinMs);
      const giveUp = setTimeout(() => server.closeAllConnections(), withinMs + server.keepAliveTimeout + 1_000);
      await ended;
      clearTimeout(breakOff);
      clearTimeout(giveUp);
    },
  };
}

/** Whether the rest of its request is all that an exchange waits for: what has come was read, and nothing is answered yet. */
function awaitsRequest({ req, headersSent }: ServerResponse): boolean {
  return !req.complete && !headersSent && req.readableLength === 0;
}
