// Servers that can't be connected to: one with a full backlog, one that speaks no TLS, one that is not there.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** Listens with the least backlog and never accepts: its thread sleeps. */
const deaf = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

export interface FullServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server whose queue of connections is full: the system drops what else comes, and connecting takes for ever. */
export async function startFullServer(): Promise<FullServer> {
  const worker = new Worker(deaf, { eval: true });
  const [port] = (await once(worker, "message")) as [number];
  const sockets: Socket[] = [];
  // Linux queues one more than it was told; a few more are sent, so that none is left to luck.
  for (let count = 0; count < 6; count += 1) sockets.push(connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, "connect")));
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
