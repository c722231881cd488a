// The sink on Node, over real sockets: what it writes is HTTP, whoever frames it.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { openNodeExchange } from "../../src/gateway/sink.node.ts";
import type { Sink } from "../../src/gateway/sink.ts";

let server: Server | null = null;
afterEach(() => server?.close());

/** Starts a server that answers each request so, sends these bytes to it, and gives all that it sends until it closes. */
async function answers(request: string, answer: (sink: Sink, body: string | null) => void): Promise<string> {
  server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const exchange = openNodeExchange({ req: {}, env: { incoming, outgoing } });
    void exchange.readBody(1_000).then((body) => answer(exchange.sink, body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(request);
  let text = "";
  for await (const piece of socket.setEncoding("utf8")) text += piece;
  return text;
}

const request = (version: string, connection = "close") =>
  `POST / HTTP/${version}\r\nhost: x\r\nconnection: ${connection}\r\ncontent-length: 2\r\n\r\n{}`;
const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

test("pieces become chunks, strings and bytes alike, and an empty piece ends nothing", async () => {
  const text = await answers(request("1.1"), (sink) => {
    sink.head(200, { "content-type": "text/event-stream" });
    sink.write("größe");
    sink.write("");
    sink.write(Buffer.from("bytes"));
    sink.write(new Uint8Array(0));
    sink.end("last");
  });
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\n/);
  expect(text.match(/transfer-encoding: chunked/gi)).toHaveLength(1);
  expect(bodyOf(text)).toBe("7\r\ngröße\r\n5\r\nbytes\r\n4\r\nlast\r\n0\r\n\r\n");
});

test("a large piece is one chunk", async () => {
  const large = Buffer.alloc(100_000, "x");
  const text = await answers(request("1.1"), (sink) => {
    sink.head(200, {});
    sink.write(large);
    sink.end();
  });
  expect(bodyOf(text)).toBe(`186a0\r\n${large}\r\n0\r\n\r\n`);
});

test("a client of HTTP/1.0 is sent no chunks", async () => {
  const text = await answers(request("1.0"), (sink) => {
    sink.head(200, {});
    sink.write("one ");
    sink.end("two");
  });
  expect(text).not.toMatch(/transfer-encoding/i);
  expect(bodyOf(text)).toBe("one two");
});

test("an answer of a known length is sent as it is", async () => {
  const text = await answers(request("1.1"), (sink) => {
    sink.head(200, { "content-length": "5" });
    sink.end("whole");
  });
  expect(text).not.toMatch(/transfer-encoding/i);
  expect(bodyOf(text)).toBe("whole");
});

test("answers to pipelined requests follow each other in order, each with its head, though the second is ready first", async () => {
  let asked = 0;
  const first: Sink[] = [];
  const text = await answers(request("1.1", "keep-alive") + request("1.1"), (sink, body) => {
    asked += 1;
    sink.head(200, { "x-number": String(asked) });
    sink.write(`${body} `);
    if (asked === 1) first.push(sink);
    else {
      sink.end("second");
      first[0]?.end("first");
    }
  });
  const [one, two] = text.split(/(?<=\r\n0\r\n\r\n)/);
  expect(one).toMatch(/x-number: 1\r\n/);
  expect(bodyOf(one ?? "")).toBe("3\r\n{} \r\n5\r\nfirst\r\n0\r\n\r\n");
  expect(two).toMatch(/x-number: 2\r\n/);
  expect(bodyOf(two ?? "")).toBe("3\r\n{} \r\n6\r\nsecond\r\n0\r\n\r\n");
});

test("behind Hono's server, which has a Response of its own, the answer is the sink's too", async () => {
  const app = new Hono();
  app.post("/", async (c) => {
    const exchange = openNodeExchange(c);
    setImmediate(() => {
      exchange.sink.head(201, {});
      exchange.sink.end("written later");
    });
    return exchange.response();
  });
  server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const _ of ["first", "second"]) {
    const response = await fetch(url, { method: "POST", body: "{}" });
    expect([response.status, await response.text()]).toEqual([201, "written later"]);
  }
});

test("a client that leaves in the middle is told to the host once, also when its body was read before", async () => {
  const told: string[] = [];
  const gone = new Promise<Sink>((resolve) => {
    server = createServer((incoming, outgoing) => {
      const { sink, readBody } = openNodeExchange({ req: {}, env: { incoming, outgoing } });
      void readBody(1_000).then(() => {
        const onGone = (): void => {
          told.push("gone");
          resolve(sink);
        };
        sink.host = { onDrain: () => {}, onGone };
        sink.head(200, {});
        sink.write("first");
      });
    }).listen(0, "127.0.0.1");
  });
  await once(server as unknown as Server, "listening");
  const socket = connect(((server as unknown as Server).address() as AddressInfo).port, "127.0.0.1");
  socket.write(request("1.1"));
  await once(socket, "data");
  socket.resetAndDestroy();
  const sink = await gone;
  expect(sink.gone).toBe(true);
  expect(told).toEqual(["gone"]);
});
