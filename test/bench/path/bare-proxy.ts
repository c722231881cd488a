// The benchmark's yardsticks, a Node server before undici, with nothing of a gateway: `MODE=bytes` passes both bodies on as they come,
// `MODE=parse` reads both and writes them anew, the request with another model.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Dispatcher, Pool } from "undici";

const pool = new Pool(process.env.UPSTREAM ?? "", { pipelining: 1 });
const parses = process.env.MODE === "parse";
const json = { "content-type": "application/json" };

function passing(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart: () => {},
    onResponseStart: (_controller, status, headers) => {
      response.writeHead(status, { "content-type": String(headers["content-type"]) });
    },
    onResponseData: (_controller, chunk) => void response.write(chunk),
    onResponseEnd: () => void response.end(),
    onResponseError: () => void response.destroy(),
  };
}

function parsing(response: ServerResponse): Dispatcher.DispatchHandler {
  const parts: Buffer[] = [];
  let status = 0;
  return {
    onRequestStart: () => {},
    onResponseStart: (_controller, code) => {
      status = code;
    },
    onResponseData: (_controller, chunk) => void parts.push(chunk),
    onResponseEnd: () => {
      const body = JSON.stringify(JSON.parse(Buffer.concat(parts).toString("utf8")));
      response.writeHead(status, { ...json, "content-length": Buffer.byteLength(body) });
      response.end(body);
    },
    onResponseError: () => void response.destroy(),
  };
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const whole = Buffer.concat(parts);
    const body = parses ? JSON.stringify({ ...JSON.parse(whole.toString("utf8")), model: "gpt-4o" }) : whole;
    const handler = parses ? parsing(response) : passing(response);
    pool.dispatch({ path: request.url ?? "/", method: "POST", headers: json, body }, handler);
  });
});
server.listen(0, "127.0.0.1", 4_096, () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
