// A syslog server over TCP or TLS. Syslog acknowledges nothing, so each batch has a connection of its own: it has arrived when the
// server, after our end of it, ends it too. A connection that breaks before is a batch that is sent again.
import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Format } from "../formats.ts";
import type { Sink } from "./exporter.ts";
import { type SyslogOrigin, syslogFrame } from "./syslog.ts";

export interface SyslogServer {
  readonly host: string;
  readonly port: number;
  /** Null for plain TCP. `ca` and so on as PEM; the machine's own authorities where there is no `ca`. */
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  } | null;
  readonly format: Format;
  readonly origin: SyslogOrigin;
  /** Of a whole batch, from connecting to the server's end. */
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 30_000;

export function syslogSink(server: SyslogServer): Sink {
  return {
    async send(rows) {
      const socket = await connect(server);
      try {
        await deliver(
          socket,
          rows.map((row) => syslogFrame(row, server.format, server.origin)),
        );
      } finally {
        socket.destroy();
      }
      return { through: rows.at(-1)?.seq ?? 0, refused: [] };
    },
    close: async () => {},
  };
}

async function connect(server: SyslogServer): Promise<Socket> {
  const { tls, timeoutMs = usualTimeoutMs } = server;
  const socket = tls === null ? connectTcp(placeOf(server)) : connectTls(secure(server, tls));
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`the syslog server was silent for ${timeoutMs} ms`)));
  try {
    await once(socket, tls === null ? "connect" : "secureConnect");
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function placeOf({ host, port }: SyslogServer): { readonly host: string; readonly port: number } {
  return { host, port };
}

/** RFC 5425, 4.2: TLS 1.2 or later, and the server proves who it is. */
function secure(server: SyslogServer, tls: NonNullable<SyslogServer["tls"]>): ConnectionOptions {
  const named = isIP(server.host) === 0 ? { servername: server.host } : {};
  return { ...placeOf(server), ...named, minVersion: "TLSv1.2", ...tls };
}

/** Resolves when the server has ended the connection after we had ended it. */
function deliver(socket: Socket, frames: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = false;
    let ended = false;
    socket.on("error", reject);
    socket.on("end", () => {
      if (!sent) reject(new Error("the syslog server closed the connection too early"));
      ended = true;
    });
    socket.on("close", () => {
      if (ended && sent) resolve();
      else reject(new Error("the connection to the syslog server broke"));
    });
    // Nothing comes, but without reading there would be no end either.
    socket.resume();
    void (async () => {
      for (const frame of frames) if (!socket.write(frame)) await once(socket, "drain");
      // All is handed to the system: from here on the server may end.
      socket.end(() => {
        sent = true;
      });
    })().catch(reject);
  });
}
