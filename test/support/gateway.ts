// Starts a real gateway for a test: the Node entry on a free port, with a database of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../src/node.ts";

export interface Gateway {
  readonly url: string;
  /** The first customer's key. */
  readonly key: string;
  readonly adminKey: string;
  /** The data folder: database, master key. */
  readonly folder: string;
  close(): Promise<void>;
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
  const running = await start({
    PORT: "0",
    TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
    TURNPIKE_LOG_LEVEL: "error",
    ...oneFailureAtATime,
    ...env,
  });
  if (running.first === null) throw new Error("a fresh gateway must print its first keys");
  return {
    url: running.url,
    key: running.first.customerKey,
    adminKey: running.first.adminKey,
    folder,
    close: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
