// The store in Cloudflare D1. Its migrations are applied by wrangler from drizzle/sqlite, before the Worker starts.
import { fillPlaceholders, type SQLWrapper } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { isList, type RowStatement } from "./driver.ts";
import type { Store } from "./port.ts";
import * as schema from "./schema.sqlite.ts";
import { sqlStore } from "./sql.ts";

/** What this file uses of a D1 binding. */
export interface D1Binding {
  prepare(query: string): D1Statement;
  batch(statements: D1Statement[]): Promise<unknown[]>;
}

interface D1Statement {
  bind(...values: unknown[]): D1Statement;
  all(): Promise<{ readonly results: unknown[] }>;
}

/** A store over a D1 binding. D1's only transaction is the batch, which is what `atomic` asks for. */
export function openD1(binding: D1Binding): Store {
  const dialect = new SQLiteAsyncDialect();
  const bind = (one: SQLWrapper | RowStatement): D1Statement[] => {
    const { statement, rows } = "rows" in one ? one : { statement: one, rows: [{}] };
    const { sql, params } = dialect.sqlToQuery(statement.getSQL());
    const prepared = binding.prepare(sql);
    return rows.map((row) => prepared.bind(...(isList(row) ? row : fillPlaceholders(params, row))));
  };
  return sqlStore({
    db: drizzle(binding as Parameters<typeof drizzle>[0], { schema }),
    async atomic(statements) {
      await binding.batch(statements.flatMap(bind));
    },
    async read<Row>(query: SQLWrapper, values: readonly unknown[]) {
      const { sql } = dialect.sqlToQuery(query.getSQL());
      return (
        await binding
          .prepare(sql)
          .bind(...values)
          .all()
      ).results as readonly Row[];
    },
    async close() {},
  });
}
