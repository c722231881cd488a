// One serving process per SQLite file: the journal's recovery would settle the running calls of another one as lost.
import { setTimeout as sleep } from "node:timers/promises";
import Client from "better-sqlite3";
import { ConfigError } from "../config.ts";

/**
 * Takes the right to serve from the database at `path`, for as long as this process lives: the lock is the operating
 * system's, so a process that was killed leaves none behind. Returns the function that gives it back.
 * @throws ConfigError when another process holds it.
 */
export function lockForServing(path: string): () => void {
  const unlock = lockFile(path);
  if (unlock !== null) return unlock;
  throw new ConfigError(
    `Another Turnpike is serving from ${path}. It may have several processes (TURNPIKE_WORKERS), but only one at a time may serve from a SQLite file.`,
  );
}

const lookAgainMs = 20;

/** As `lockForServing`, but waits for the process that holds it to end; null when it does not in time. */
export async function lockWhenFree(path: string, withinMs: number): Promise<(() => void) | null> {
  for (let waitedMs = 0; ; waitedMs += lookAgainMs) {
    const unlock = lockFile(path);
    if (unlock !== null || waitedMs >= withinMs) return unlock;
    await sleep(lookAgainMs);
  }
}

/** Null when another process holds it. */
function lockFile(path: string): (() => void) | null {
  if (path === ":memory:") return () => {};
  const lock = new Client(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    return null;
  }
  return () => void lock.close();
}
