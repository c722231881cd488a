// What the secrets managers of tests share: an HTTP server on 127.0.0.1 that can be away, and remembers what it was asked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Told {
  readonly status: number;
  readonly body: string | Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly url: string;
  /** Everything that came while it was there, in order. */
  readonly asked: readonly Asked[];
  /** Why requests were refused. */
  readonly refusals: readonly string[];
  /** Breaks connections instead of answering. */
  away: boolean;
  close(): Promise<void>;
}

/** Thrown by a handler: the request is refused. */
export class Refused extends Error {
  readonly told: Told;

  constructor(why: string, told: Told) {
    super(why);
    this.told = told;
  }
}

/** @param handle answers a request; the URL that it is given is the server's own. */
export async function serveManager(handle: (asked: Asked, origin: string) => Told | Promise<Told>): Promise<Served> {
  const asked: Asked[] = [];
  const refusals: string[] = [];
  const state = { away: false };
  const server = createServer(async (request, response) => {
    if (state.away) {
      request.socket.destroy();
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const one: Asked = {
      method: request.method ?? "",
      url: new URL(request.url ?? "/", origin),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body,
    };
    asked.push(one);
    let told: Told;
    try {
      told = await handle(one, origin);
    } catch (error) {
      told = error instanceof Refused ? error.told : { status: 500, body: { error: String(error) } };
      refusals.push(`${one.method} ${one.url.pathname}: ${(error as Error).message}`);
    }
    const isText = typeof told.body === "string";
    response
      .writeHead(told.status, { "content-type": isText ? "text/plain" : "application/json", ...told.headers })
      .end(isText ? told.body : JSON.stringify(told.body));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url: origin,
    asked,
    refusals,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}
