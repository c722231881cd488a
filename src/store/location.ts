// Where the database is: TURNPIKE_DATABASE_URL, read.
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../config.ts";

export interface DatabaseLocation {
  /** A file, absolute; or `:memory:`. */
  readonly path: string;
  /** The data folder, where the master key lives too; null for a database in memory. */
  readonly folder: string | null;
}

/**
 * Reads `file:./data/turnpike.db`, `file:///var/lib/turnpike/turnpike.db`, a plain path, or `:memory:`.
 * @throws ConfigError for any other kind of database.
 */
export function databaseLocation(url: string): DatabaseLocation {
  if (url === ":memory:" || url === "file::memory:") return { path: ":memory:", folder: null };
  const path = resolve(filePath(url));
  return { path, folder: dirname(path) };
}

function filePath(url: string): string {
  if (url.startsWith("file:///")) return fileURLToPath(url);
  if (url.startsWith("file:") && !url.startsWith("file://")) return required(url.slice("file:".length));
  if (/^[a-z][a-z0-9+.-]+:/i.test(url) && !/^[a-z]:[\\/]/i.test(url)) {
    throw new ConfigError(
      "TURNPIKE_DATABASE_URL: this version keeps its data in SQLite; give a file, as file:./data/turnpike.db",
    );
  }
  return required(url);
}

function required(path: string): string {
  if (path === "") throw new ConfigError("TURNPIKE_DATABASE_URL: the path of the file is missing");
  return path;
}
