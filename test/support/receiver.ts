// A receiver of webhooks on a real socket: keeps what comes, and answers as the test says.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface ReceivedEvent {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  readonly events: ReceivedEvent[];
  /** What it answers from now on; 204 at first. */
  answer: number;
  /** Whether an event's signature is right, by the specification's own library. */
  verifies(event: ReceivedEvent, secret: string): boolean;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const events: ReceivedEvent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { type, data } = JSON.parse(body) as Pick<ReceivedEvent, "type" | "data">;
    const id = String(request.headers["webhook-id"]);
    events.push({ path: request.url ?? "", headers: request.headers, body, id, type, data });
    response.writeHead(receiver.answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    answer: 204,
    verifies({ body, headers, id }, secret) {
      // Not its `verify`, which knows no clock but the machine's.
      const at = new Date(Number(headers["webhook-timestamp"]) * 1_000);
      return String(headers["webhook-signature"])
        .split(" ")
        .includes(new Webhook(secret).sign(id, at, body));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
