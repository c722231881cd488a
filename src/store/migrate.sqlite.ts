// Brings a SQLite file up to this version's schema, from the migrations that drizzle-kit generated.
import { fileURLToPath } from "node:url";
import type Client from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { ConfigError } from "../config.ts";

/** The package's folder, two above both `src/store/` and the bundle in `dist/src/`. */
const folder = fileURLToPath(new URL("../../drizzle/sqlite", import.meta.url));

/**
 * Applies what is missing, all or nothing, one process at a time: two that start together must not both apply it.
 * @throws ConfigError when a newer version of Turnpike has written this database.
 */
export function migrate(client: Client.Database): void {
  const migrations = readMigrationFiles({ migrationsFolder: folder });
  client
    .transaction(() => {
      client.exec(
        "create table if not exists migrations (hash text primary key not null, made_at_ms integer not null)",
      );
      const applied = client.prepare("select hash from migrations order by made_at_ms").pluck().all();
      if (applied.some((hash, index) => migrations[index]?.hash !== hash)) {
        throw new ConfigError(
          "The database was written by another version of Turnpike, whose migrations this one lacks.",
        );
      }
      const insert = client.prepare("insert into migrations (hash, made_at_ms) values (?, ?)");
      for (const migration of migrations.slice(applied.length)) {
        for (const statement of migration.sql) client.exec(statement);
        insert.run(migration.hash, migration.folderMillis);
      }
    })
    .immediate();
}
