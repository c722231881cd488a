// The call log in a file beside the database, on Node.
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { type CallLog, type Logged, readLog } from "./call-log.ts";

/** What an earlier process left at `path`; nothing where there is no file. */
export function readLogFile(path: string): Logged {
  try {
    return readLog(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return { opened: [], settled: [], broken: 0 };
  }
}

/** Opens the log at `path`, and empties it: what it held must be in the database by now. */
export function openLogFile(path: string): CallLog {
  const file = openSync(path, "a", 0o600);
  ftruncateSync(file);
  let bytes = 0;
  return {
    append(line) {
      try {
        const length = Buffer.byteLength(line);
        if (writeSync(file, line) === length) {
          bytes += length;
          return true;
        }
      } catch {
        // The disk is full, or the file system has become read-only: the caller is told below.
      }
      forgetBrokenLine();
      return false;
    },
    drained() {
      if (bytes === 0) return;
      ftruncateSync(file);
      bytes = 0;
    },
    close: () => closeSync(file),
  };

  /** The next line must not continue one of which only a part was written. */
  function forgetBrokenLine(): void {
    if (fstatSync(file).size > bytes) ftruncateSync(file, bytes);
  }
}
