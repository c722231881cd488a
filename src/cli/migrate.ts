// `turnpike migrate`: the database as this version needs it. `start` does the same; this is for doing it beforehand.
import { readConfig } from "../config.ts";
import { databaseLocation } from "../store/location.ts";
import { openSqlite } from "../store/sqlite.ts";
import type { Io } from "./io.ts";

export async function migrateCommand(io: Io): Promise<void> {
  const { path } = databaseLocation(readConfig(io.env).databaseUrl);
  const store = await openSqlite(path);
  await store.close();
  io.out(`The database ${path} is up to date.\n`);
}
