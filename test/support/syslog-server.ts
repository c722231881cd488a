// A strict syslog server over TCP or TLS: octet counting and RFC 5424's header to the letter. It can cut a connection in the middle.
import { once } from "node:events";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";

export interface SyslogMessage {
  readonly priority: number;
  readonly timestamp: string;
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
  readonly data: string;
  readonly message: string;
}

export interface SyslogReceiver {
  readonly port: number;
  /** In the order in which they came. */
  readonly messages: SyslogMessage[];
  /** What did not keep to the standards. */
  readonly complaints: string[];
  /** Resets the next connections after so many bytes of each, without reading further. */
  cutAfter(bytes: readonly number[]): void;
  readonly connections: number;
  close(): Promise<void>;
}

// RFC 5424, section 6: HEADER, STRUCTURED-DATA with one element, MSG.
const shape =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) (\[[\x21-\x7e]+(?: [\x21-\x7e]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\]) (.*)$/s;

export async function startSyslog(
  tls: { readonly cert: string; readonly key: string } | null,
): Promise<SyslogReceiver> {
  const messages: SyslogMessage[] = [];
  const complaints: string[] = [];
  const cuts: number[] = [];
  const open = new Set<Socket>();
  /** The sockets beneath, by the ports of their peers: TLS can't reset. */
  const raw = new Map<number | undefined, Socket>();
  let connections = 0;

  const serve = (socket: Socket): void => {
    connections++;
    open.add(socket);
    const cut = cuts.shift();
    let seen = 0;
    let rest: Buffer = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.on("data", (piece: Buffer) => {
      const room = cut === undefined ? piece.length : Math.max(0, cut - seen);
      seen += piece.length;
      rest = Buffer.concat([rest, piece.subarray(0, room)]);
      rest = take(rest);
      if (cut !== undefined && seen >= cut) raw.get(socket.remotePort)?.resetAndDestroy();
    });
    socket.on("end", () => {
      if (cut === undefined && rest.length > 0)
        complaints.push(`a connection ended inside a frame: ${rest.toString().slice(0, 60)}`);
    });
  };

  function take(bytes: Buffer): Buffer {
    let rest = bytes;
    for (;;) {
      const space = rest.indexOf(0x20);
      if (space < 0) return rest;
      const length = rest.subarray(0, space).toString();
      if (!/^[1-9]\d*$/.test(length)) {
        complaints.push(`no octet count: ${length.slice(0, 60)}`);
        return Buffer.alloc(0);
      }
      const end = space + 1 + Number(length);
      if (rest.length < end) return rest;
      read(rest.subarray(space + 1, end).toString());
      rest = rest.subarray(end);
    }
  }

  function read(text: string): void {
    const found = shape.exec(text);
    if (found === null) {
      complaints.push(`not RFC 5424: ${text.slice(0, 200)}`);
      return;
    }
    const [
      ,
      priority,
      timestamp = "",
      hostname = "",
      appName = "",
      processId = "",
      messageId = "",
      data = "",
      message = "",
    ] = found;
    if (Number(priority) > 191) complaints.push(`no such priority: ${priority}`);
    messages.push({ priority: Number(priority), timestamp, hostname, appName, processId, messageId, data, message });
  }

  const server = tls === null ? createTcp(serve) : createTls(tls, serve);
  server.on("tlsClientError", () => {});
  server.on("connection", (socket: Socket) => raw.set(socket.remotePort, socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    complaints,
    cutAfter: (bytes) => void cuts.push(...bytes),
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
