// What references are lent on Node: files and changes of files, time, and timers that keep no process alive.
import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ReferencesOptions } from "./open.ts";

/** One change of a file is several events; it is read when they have ended. */
const settledMs = 50;

export function referencesOfMachine(
  env: ReferencesOptions["env"],
  { maxAgeMs }: Pick<ReferencesOptions, "maxAgeMs">,
): ReferencesOptions {
  return {
    env,
    maxAgeMs,
    now: Date.now,
    random: Math.random,
    readFile: (path) => readFile(path, "utf8"),
    watchFile,
    later: (ms, then) => {
      const timer = setTimeout(then, ms).unref();
      return () => clearTimeout(timer);
    },
  };
}

/**
 * The folder is watched, not the file: Kubernetes replaces a link beside it (`..data`), editors and Docker the file itself. Where
 * folders can't be watched, the file is read again when its value gets old.
 */
function watchFile(path: string, onChange: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(onChange, settledMs).unref();
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(path), { persistent: false }, changed);
    watcher.on("error", () => watcher?.close());
  } catch {
    // A folder that is not there.
  }
  return () => {
    clearTimeout(settling);
    watcher?.close();
  };
}
