// The replay upstream: a real HTTP server on 127.0.0.1 that answers as a recording, or as a test's own script, says.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { type Mode, type Received, type Script, type Step, scriptOf } from "./answers.ts";
import type { Recording } from "./recordings.ts";

/** How the exchange's connection ended: `client` when it went before the upstream was done, with how much was sent. */
export interface Ending {
  readonly by: "client" | "upstream";
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly sentBytes: number;
}

/** One answer that waits for its request. */
export interface Exchange {
  /** A base URL that leads to this exchange and no other, for clients whose URL the test chooses. */
  readonly url: string;
  /** The requests that took it, in the order of their arrival. */
  readonly requests: readonly Received[];
  /** The first of them. */
  readonly received: Promise<Received>;
  /** How the first of them ended. */
  readonly ended: Promise<Ending>;
}

export interface ServeOptions {
  /** Which requests may take the answer; all when absent. Of several, the one that was served first is taken. */
  readonly match?: (request: Received) => boolean;
  /** How many requests it answers; 1 when absent. */
  readonly times?: number;
}

export interface Replay {
  readonly url: string;
  /** Every request that came, also those that nothing waited for (which are answered with 501). */
  readonly requests: readonly Received[];
  serve(recording: Recording, options?: ServeOptions & { readonly mode?: Mode }): Exchange;
  script(script: Script, options?: ServeOptions): Exchange;
  /** Forgets the answers that nobody took, and tells how many there were. */
  clear(): number;
  /** Connections that are open now, idle ones included, and requests that are being answered. */
  open(): Promise<{ readonly connections: number; readonly requests: number }>;
  close(): Promise<void>;
}

interface Waiting {
  readonly id: number;
  readonly script: Script;
  readonly match: (request: Received) => boolean;
  readonly requests: Received[];
  left: number;
  readonly receive: (request: Received) => void;
  readonly finish: (ending: Ending) => void;
}

const EXCHANGE_PREFIX = /^\/exchange\/(\d+)(?=\/)/;
type Head = Extract<Step, { kind: "head" }>;

const RESET_PAUSE_MS = 50;
const WHOLE: Mode = { kind: "whole" };
const EVENT_STREAM: Head = { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } };

/** Starts a replay upstream on a free port. */
export async function startReplay(): Promise<Replay> {
  const waiting: Waiting[] = [];
  const requests: Received[] = [];
  let lastId = 0;
  let answering = 0;

  const server = createServer((request, response) => {
    answering += 1;
    response.once("close", () => {
      answering -= 1;
    });
    answer(request, response).catch((cause: unknown) => response.destroy(cause as Error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    const address = EXCHANGE_PREFIX.exec(target);
    const received = await receive(request, address === null ? target : target.slice(address[0].length));
    requests.push(received);
    const exchange = waiting.find(({ id, match }) => (address === null ? match(received) : id === Number(address[1])));
    if (exchange === undefined) {
      response.writeHead(501, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `replay: nothing waits for ${received.method} ${target}` } }));
      return;
    }
    exchange.left -= 1;
    if (exchange.left === 0) waiting.splice(waiting.indexOf(exchange), 1);
    exchange.requests.push(received);
    exchange.receive(received);
    const ending = await play(exchange.script(received), response);
    exchange.finish(ending);
  }

  function add(script: Script, { match = () => true, times = 1 }: ServeOptions): Exchange {
    const received = Promise.withResolvers<Received>();
    const ended = Promise.withResolvers<Ending>();
    lastId += 1;
    const exchange: Waiting = {
      id: lastId,
      script,
      match,
      requests: [],
      left: times,
      receive: received.resolve,
      finish: ended.resolve,
    };
    waiting.push(exchange);
    return {
      url: `${url}/exchange/${exchange.id}`,
      requests: exchange.requests,
      received: received.promise,
      ended: ended.promise,
    };
  }

  const url = await listen(server);
  return {
    url,
    requests,
    serve: (recording, options = {}) => add(scriptOf(recording, options.mode ?? WHOLE), options),
    script: (script, options = {}) => add(script, options),
    clear: () => waiting.splice(0).length,
    open: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, connections) => {
          if (error === null) resolve({ connections, requests: answering });
          else reject(error);
        });
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A base URL at which connections are refused. */
export async function refusedUrl(): Promise<string> {
  const server = createTcpServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

async function listen(server: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function receive(request: IncomingMessage, path: string): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? "",
    path,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString("utf8"),
    atMs: Date.now(),
  };
}

/** Takes the steps one by one, each piece in a write of its own, and stops when the client has gone. */
async function play(script: ReturnType<Script>, response: ServerResponse): Promise<Ending> {
  let sentBytes = 0;
  const gone = new Promise<"gone">((resolve) => response.once("close", () => resolve("gone")));
  const endedBy = (by: Ending["by"]): Ending => ({ by, atMs: Date.now(), sentBytes });
  response.socket?.setNoDelay(true);
  for await (const item of script) {
    const step =
      typeof item === "string" || item instanceof Uint8Array ? ({ kind: "bytes", bytes: item } as const) : item;
    if (response.destroyed) return endedBy("client");
    switch (step.kind) {
      case "head":
        writeHead(response, step);
        break;
      case "bytes": {
        if (!response.headersSent) writeHead(response, EVENT_STREAM);
        const bytes = typeof step.bytes === "string" ? Buffer.from(step.bytes) : step.bytes;
        const written = new Promise<"written">((resolve) => response.write(bytes, () => resolve("written")));
        if ((await Promise.race([written, gone])) === "gone") return endedBy("client");
        sentBytes += bytes.length;
        await nextTurn();
        break;
      }
      case "wait":
        if ((await Promise.race([sleep(step.ms, undefined, { ref: false }), gone])) === "gone")
          return endedBy("client");
        break;
      case "raw":
        response.socket?.write(step.bytes);
        break;
      case "reset":
        // An RST overtakes what the client has not read yet, so it is given time to read.
        if (response.headersSent) await sleep(RESET_PAUSE_MS);
        response.socket?.resetAndDestroy();
        return endedBy("upstream");
      case "close":
        response.destroy();
        return endedBy("upstream");
      case "hang":
        await gone;
        return endedBy("client");
    }
  }
  if (!response.headersSent) writeHead(response, EVENT_STREAM);
  response.end();
  await gone;
  return endedBy(response.writableFinished ? "upstream" : "client");
}

function writeHead(response: ServerResponse, step: Head): void {
  response.writeHead(step.status, step.headers);
  response.flushHeaders();
}
