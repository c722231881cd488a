// One serving process per SQLite file: the journal's recovery would settle the running calls of another one as lost.
import Client from "better-sqlite3";
import { ConfigError } from "../config.ts";

/**
 * Takes the right to serve from the database at `path`, for as long as this process lives: the lock is the operating
 * system's, so a process that was killed leaves none behind. Returns the function that gives it back.
 * @throws ConfigError when another process holds it.
 */
export function lockForServing(path: string): () => void {
  if (path === ":memory:") return () => {};
  const lock = new Client(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    throw new ConfigError(
      `Another Turnpike is serving from ${path}. One process at a time may serve from a SQLite file.`,
    );
  }
  return () => void lock.close();
}
