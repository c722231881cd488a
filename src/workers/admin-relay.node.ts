// The operators' surface in a worker: every request goes on to the keeper, over a pipe of its own that speaks HTTP/2.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, createServer } from "node:http2";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";

/** Said by workers, and by them alone: nobody else has the pipe. */
const peerHeader = "x-turnpike-peer";

/** Those that speak of one connection only (RFC 9110, 7.6.1), which HTTP/2 does not know. */
const ofConnection = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection", "te"]);

/** Serves what workers send on. `peerOf` tells who had asked the worker. */
export function serveRelayed(fetch: (request: Request) => Response | Promise<Response>): (pipe: Duplex) => void {
  const server = createServer({}, getRequestListener(fetch) as never);
  // A worker that dies breaks its pipe, which is told elsewhere.
  server.on("sessionError", () => {});
  server.on("session", (session: ServerHttp2Session) => session.on("error", () => {}));
  return (pipe) => void server.emit("connection", pipe);
}

/** The address of whoever asked a worker. */
export function relayedPeer({ req }: { readonly req: { header(name: string): string | undefined } }): string {
  return req.header(peerHeader) ?? "unknown";
}

/** Sends every request on as it comes. */
export function relayAdmin(pipe: Duplex): Hono {
  const keeper = connect("http://keeper", { createConnection: () => pipe });
  keeper.on("error", () => {});
  const app = new Hono();
  app.all("*", ({ env }) => {
    const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse };
    relay(incoming, outgoing, keeper);
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}

function relay(incoming: IncomingMessage, outgoing: ServerResponse, keeper: ClientHttp2Session): void {
  const asked = keeper.request({
    ...passedOn(incoming.headers),
    [peerHeader]: incoming.socket.remoteAddress ?? "unknown",
    ":method": incoming.method,
    ":path": incoming.url,
    ":authority": incoming.headers.host ?? "keeper",
  });
  asked.on("response", ({ ":status": status, ...headers }) => outgoing.writeHead(status ?? 502, passedOn(headers)));
  asked.on("error", () => outgoing.destroy());
  outgoing.on("close", () => abandon(asked));
  incoming.on("error", () => abandon(asked));
  incoming.pipe(asked);
  asked.pipe(outgoing);
}

function passedOn(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofConnection.has(name) && name !== "host" && !name.startsWith(":")),
  );
}

function abandon(asked: ClientHttp2Stream): void {
  if (!asked.closed) asked.close();
}
