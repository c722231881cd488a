// The thread that reads: a connection of its own to the database, which writes nothing, and the repositories over it.
import { parentPort, workerData } from "node:worker_threads";
import Client from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Database } from "./driver.ts";
import * as schema from "./schema.sqlite.ts";
import { sqlStore } from "./sql.ts";

export interface Question {
  readonly id: number;
  /** A repository of the store, and what it is asked. */
  readonly of: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly message: string } };

const client = new Client(workerData as string, { readonly: true, fileMustExist: true });
const refuse = async (): Promise<never> => {
  throw new Error("a thread that reads was asked to write");
};
const store = sqlStore({
  db: drizzle(client, { schema }) as unknown as Database,
  atomic: refuse,
  // Only what writes reads so.
  read: refuse,
  close: async () => void client.close(),
}) as unknown as Readonly<Record<string, Readonly<Record<string, (...args: readonly unknown[]) => unknown>>>>;

parentPort?.on("message", async ({ id, of, name, args }: Question) => {
  parentPort?.postMessage(await answered(id, async () => store[of]?.[name]?.(...args)));
});

async function answered(id: number, read: () => Promise<unknown>): Promise<Answer> {
  try {
    return { id, value: await read() };
  } catch (error) {
    return { id, error: { message: error instanceof Error ? error.message : String(error) } };
  }
}
