// Brings a SQLite file up to this version's schema, from the migrations that drizzle-kit generated.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type Client from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { ConfigError } from "../config.ts";

/** From `src/store/` in the repository, from `dist/src/store/` in the package. */
const places = ["../../drizzle/sqlite", "../../../drizzle/sqlite"];

/**
 * Applies what is missing, all or nothing, one process at a time: two that start together must not both apply it.
 * @throws ConfigError when a newer version of Turnpike has written this database.
 */
export function migrate(client: Client.Database): void {
  const migrations = readMigrationFiles({ migrationsFolder: migrationsFolder() });
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

/** The folder of the migrations, wherever this code runs from. */
export function migrationsFolder(): string {
  const folder = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (folder === undefined) throw new Error("The folder drizzle/sqlite is missing from this installation of Turnpike.");
  return folder;
}
