// What the repositories need of a database: queries, and groups of statements that happen entirely or not at all.
import type { SQLWrapper } from "drizzle-orm";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
import type * as schema from "./schema.sqlite.ts";

/** A drizzle SQLite database, always awaited: better-sqlite3's answers are ready at once, D1's are promises. */
export type Database = BaseSQLiteDatabase<"async", unknown, typeof schema>;

/**
 * One statement, run for each row with its placeholders filled from it: by their names, or by a list of values as the database takes
 * them, in the order in which they stand. Make it once: drivers remember how it compiles.
 */
export interface RowStatement {
  readonly statement: SQLWrapper;
  readonly rows: readonly (Readonly<Record<string, unknown>> | readonly unknown[])[];
}

export interface Driver {
  readonly db: Database;
  /** Runs the statements in order as one transaction. D1 has no other kind, so nothing may be read between them. */
  atomic(statements: readonly (SQLWrapper | RowStatement)[]): Promise<void>;
  /** The rows of a query whose placeholders are filled from a list, as `RowStatement`'s; `Row` is what it selects, as the database has it. */
  read<Row>(query: SQLWrapper, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Whether a row is a list of values. */
export function isList(row: RowStatement["rows"][number]): row is readonly unknown[] {
  return Array.isArray(row);
}
