// The store in a SQLite file, on Node. One process may serve from a file (see lock.ts); any number may read and administer.
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Client from "better-sqlite3";
import { is, Param, Placeholder, type SQLWrapper } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { SQLiteSyncDialect } from "drizzle-orm/sqlite-core";
import { type Database, type Driver, isList, type RowStatement } from "./driver.ts";
import { migrate } from "./migrate.sqlite.ts";
import type { Store } from "./port.ts";
import * as schema from "./schema.sqlite.ts";
import { sqlStore } from "./sql.ts";

/** How long a start waits for another process's transaction. */
const busyTimeoutMs = 1_000;
/** And a statement afterwards. It blocks this process, so it is short: what can wait longer tries again (see the journal). */
const servingBusyTimeoutMs = 100;

/** Pages at which a commit makes a checkpoint where others should make them: they don't keep up. The log then has some 64 MB. */
const checkpointAtLatest = 16_000;

/** Whoever makes the checkpoints of a database, in place of the commits that make its log long. */
export interface Checkpoints {
  /** Told of every transaction. */
  committed(): void;
  close(): Promise<void>;
}

/**
 * Opens the database at `path` (or `:memory:`), makes it when it is not there (folder 0700, file 0600), and applies the
 * migrations that it lacks. Commits survive the death of the process; a power cut may cost the last ones (WAL,
 * synchronous NORMAL) but never the file.
 * @param checkpoints closed with the store.
 */
export async function openSqlite(path: string, checkpoints?: Checkpoints): Promise<Store> {
  return sqlStore(await openSqliteDriver(path, checkpoints));
}

/** As `openSqlite`, beneath the repositories. */
export async function openSqliteDriver(path: string, checkpoints: Checkpoints | null = null): Promise<Driver> {
  const client = openFile(path);
  try {
    await useWriteAheadLog(client);
    client.pragma("synchronous = NORMAL");
    client.pragma("foreign_keys = ON");
    migrate(client);
    client.pragma(`busy_timeout = ${servingBusyTimeoutMs}`);
    if (checkpoints !== null) client.pragma(`wal_autocheckpoint = ${checkpointAtLatest}`);
  } catch (error) {
    client.close();
    throw error;
  }
  return sqliteDriver(client, { check: path === ":memory:" ? () => {} : fileKept(path), checkpoints });
}

function openFile(path: string): Client.Database {
  if (path !== ":memory:") {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite would make it readable for all; its side files (-wal, -shm) take over this file's mode.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  }
  return new Client(path, { timeout: busyTimeoutMs });
}

/** SQLite refuses, without waiting, one of two processes that switch a new file at the same moment: the other did it. */
async function useWriteAheadLog(client: Client.Database): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      client.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      if (tries === 50 || (error as { code?: string }).code !== "SQLITE_BUSY") throw error;
      await sleep(20);
    }
  }
}

/** Throws when the file at `path` is not the one that it was: SQLite writes on into a removed file, which nobody will find. */
function fileKept(path: string): () => void {
  const { ino, dev } = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== ino || now.dev !== dev) throw new Error("The database file was removed or replaced.");
  };
}

/** How a parameter of a statement is filled from a row: found out once, for drizzle's own way looks anew for every row. */
function fillingOf(parameter: unknown): (row: Readonly<Record<string, unknown>>) => unknown {
  if (is(parameter, Placeholder)) return (row) => row[parameter.name];
  if (!is(parameter, Param) || !is(parameter.value, Placeholder)) return () => parameter;
  const { encoder } = parameter;
  const { name } = parameter.value;
  return (row) => encoder.mapToDriverValue(row[name]);
}

interface DriverOptions {
  /** Throws when nothing may be written. */
  check(): void;
  readonly checkpoints: Checkpoints | null;
}

function sqliteDriver(client: Client.Database, { check, checkpoints }: DriverOptions): Driver {
  const dialect = new SQLiteSyncDialect();
  const compile = (statement: SQLWrapper) => {
    const { sql, params } = dialect.sqlToQuery(statement.getSQL());
    return { prepared: client.prepare(sql), fillings: params.map(fillingOf) };
  };
  const compiled = new WeakMap<SQLWrapper, ReturnType<typeof compile>>();
  const compiledOnce = (statement: SQLWrapper) => {
    const known = compiled.get(statement) ?? compile(statement);
    compiled.set(statement, known);
    return known;
  };
  const runRows = ({ statement, rows }: RowStatement) => {
    if (rows.length === 0) return;
    const known = compiledOnce(statement);
    for (const row of rows) known.prepared.run(isList(row) ? row : known.fillings.map((fill) => fill(row)));
  };
  const runAll = client.transaction((statements: readonly (SQLWrapper | RowStatement)[]) => {
    for (const one of statements) runRows("rows" in one ? one : { statement: one, rows: [{}] });
  });
  return {
    // Its results are there at once; awaited, they are the same as a promise's.
    db: drizzle(client, { schema }) as unknown as Database,
    // Immediate: a transaction that began reading can't be made to wait for its turn to write.
    atomic: async (statements) => {
      check();
      runAll.immediate(statements);
      checkpoints?.committed();
    },
    read: async <Row>(query: SQLWrapper, values: readonly unknown[]) =>
      compiledOnce(query).prepared.all(values) as readonly Row[],
    async close() {
      await checkpoints?.close();
      client.close();
    },
  };
}
