// The call log in a file beside the database, on Node; and a spare file, whose room is taken already, for when the disk is full.
import { closeSync, fstatSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type CallLog, type Logged, readLog } from "./call-log.ts";

/** Room for how calls end that were admitted before the disk was full: some 4,000 of them. */
const spareBytes = 4 * 1024 * 1024;

/** What an earlier process left at `path`; nothing where there is no file. */
export function readLogFile(path: string): Logged {
  const spare = readBytes(sparePath(path));
  const used = spare.indexOf(0);
  return readLog(readBytes(path).toString() + spare.toString("utf8", 0, used === -1 ? spare.length : used));
}

/** The log of one of several processes, beside the log at `path`. */
export function logFileOf(path: string, worker: number): string {
  return `${path}.${worker}`;
}

/** The processes whose logs stand beside the log at `path`, by their numbers. */
export function workersWithLogs(path: string): readonly number[] {
  const before = `${basename(path)}.`;
  return readdirSync(dirname(path)).flatMap((name) => {
    const number = name.startsWith(before) ? name.slice(before.length) : "";
    return /^\d+$/.test(number) ? [Number(number)] : [];
  });
}

/** Removes a log whose process is gone and whose lines are in the database. */
export function removeLogFile(path: string): void {
  for (const file of [path, sparePath(path), `${path}.lock`, `${path}.lock-journal`]) rmSync(file, { force: true });
}

/** Opens the log at `path`, and empties it: what it held must be in the database by now. */
export function openLogFile(path: string): CallLog {
  const file = openSync(path, "a", 0o600);
  ftruncateSync(file);
  const spare = openSync(sparePath(path), "w+", 0o600);
  writeSync(spare, new Uint8Array(spareBytes));
  let bytes = 0;
  let spareUsed = 0;
  let admissions = "";
  let endings = "";

  const toFile = (lines: string): boolean => {
    const encoded = Buffer.from(lines);
    try {
      if (writeSync(file, encoded) === encoded.length) {
        bytes += encoded.length;
        return true;
      }
    } catch {
      // The disk is full, or the file system has become read-only: the caller is told.
    }
    // The next line must not continue one of which only a part was written.
    if (fstatSync(file).size > bytes) ftruncateSync(file, bytes);
    return false;
  };

  /** As many whole lines as there is room for. */
  const toSpare = (lines: string): void => {
    for (const line of lines.split(/(?<=\n)/)) {
      const encoded = Buffer.from(line);
      if (spareUsed + encoded.length >= spareBytes) return;
      spareUsed += writeSync(spare, encoded, 0, encoded.length, spareUsed);
    }
  };

  return {
    admission(line) {
      admissions += line;
    },
    ending(line) {
      endings += line;
    },
    write() {
      const [opened, settled] = [admissions, endings];
      admissions = "";
      endings = "";
      if (opened === "" && settled === "") return true;
      if (toFile(opened + settled)) return true;
      if (settled !== "" && !toFile(settled)) toSpare(settled);
      return opened === "";
    },
    drained() {
      admissions = "";
      endings = "";
      if (bytes > 0) ftruncateSync(file);
      bytes = 0;
      if (spareUsed > 0) writeSync(spare, new Uint8Array(spareUsed), 0, spareUsed, 0);
      spareUsed = 0;
    },
    close() {
      closeSync(file);
      closeSync(spare);
    },
  };
}

function sparePath(path: string): string {
  return `${path}.spare`;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
