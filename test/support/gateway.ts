// Starts a real gateway for a test: the Node entry on a free port, with a database of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, start } from "../../src/node.ts";

export interface Gateway {
  readonly url: string;
  /** The first customer's key. */
  readonly key: string;
  readonly adminKey: string;
  /** Asks below `/admin/v1`, as the administrator. */
  admin(method: string, path: string, body?: object): Promise<Told>;
  /** The same, where it must be done: throws what is refused. */
  manage(method: string, path: string, body?: object): Promise<Told["body"]>;
  /** The data folder: database, master key. */
  readonly folder: string;
  close(): Promise<void>;
  /** The same gateway after a stop and a start, on the same data. */
  restart(): Promise<Gateway>;
}

/** What the administrators' side has answered. */
export interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface GatewayOptions {
  /** Settings and providers' variables; nothing of the machine's own environment is taken. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Tests replay many failures of one provider, each to see what comes of that one: neither does the gateway leave the provider
 * alone for them, nor does it try it again. Tests of just that say so.
 */
const oneFailureAtATime = {
  TURNPIKE_BREAKERS: "off",
  TURNPIKE_MAX_RETRY_WAIT_MS: "0",
  // What was measured in one test must not decide in another.
  TURNPIKE_ROUTING: "price",
};

/** A fresh gateway. Closing it removes its data. */
export async function startGateway({ env }: GatewayOptions): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), "turnpike-"));
  const running = await start(settings(folder, env));
  if (running.first === null) throw new Error("a fresh gateway must print its first keys");
  return handle(running, folder, { key: running.first.customerKey, adminKey: running.first.adminKey }, env);
}

function settings(folder: string, env: GatewayOptions["env"]): Record<string, string> {
  return {
    PORT: "0",
    TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
    TURNPIKE_LOG_LEVEL: "error",
    ...oneFailureAtATime,
    ...env,
  };
}

function handle(
  running: Running,
  folder: string,
  keys: Pick<Gateway, "key" | "adminKey">,
  env: GatewayOptions["env"],
): Gateway {
  const admin: Gateway["admin"] = async (method, path, body) => {
    const response = await fetch(`${running.url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${keys.adminKey}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Told["body"] };
  };
  return {
    url: running.url,
    ...keys,
    folder,
    admin,
    manage: async (method, path, body) => {
      const told = await admin(method, path, body);
      if (told.status >= 400) throw new Error(`${told.status} ${JSON.stringify(told.body)}`);
      return told.body;
    },
    close: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await running.close();
      return handle(await start(settings(folder, env)), folder, keys, env);
    },
  };
}
