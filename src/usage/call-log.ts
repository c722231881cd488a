// The call log: what happened to calls, on its way to the database, where a killed process leaves it.
import type { CallStore, OpenCall, Settlement } from "../store/port.ts";

/** A file that is appended to: what was written outlives the process, though not a power cut. */
export interface CallLog {
  /** Takes a line, for the next `write`. */
  admission(line: string): void;
  /** As `admission`, but there is room kept for it: a call that was admitted can also end. */
  ending(line: string): void;
  /** Writes what it took since the last time, at once. False when the admissions could not be written: then none of them is in it. */
  write(): boolean;
  /** Told when the database has all that it took, written or not. */
  drained(): void;
  close(): void;
}

/** What a call log holds. */
export interface Logged {
  readonly opened: readonly OpenCall[];
  readonly settled: readonly Settlement[];
  /** Lines that say nothing: a process was killed in the middle of one. */
  readonly broken: number;
}

/** An admission as a line. */
export function openedLine(call: OpenCall): string {
  return `{"opened":${JSON.stringify(call)}}\n`;
}

/** A settlement as a line; its money as decimal digits, for JSON knows no such integers. */
export function settledLine(settlement: Settlement): string {
  return `{"settled":${JSON.stringify(toLogged(settlement))}}\n`;
}

/** A settlement as JSON can hold it. */
export function toLogged(settlement: Settlement): LoggedSettlement {
  // Member by member: a spread with two of them replaced costs more than the line that is made of it.
  return {
    id: settlement.id,
    outcome: settlement.outcome,
    httpStatus: settlement.httpStatus,
    errorCode: settlement.errorCode,
    provider: settlement.provider,
    model: settlement.model,
    canonicalModel: settlement.canonicalModel,
    finishReason: settlement.finishReason,
    usage: settlement.usage,
    costNanos: settlement.costNanos?.toString() ?? null,
    chargedNanos: settlement.chargedNanos?.toString() ?? null,
    prepaid: settlement.prepaid ?? false,
    attempts: settlement.attempts,
    settledAtMs: settlement.settledAtMs,
    ttftMs: settlement.ttftMs,
    durationMs: settlement.durationMs,
  };
}

/** The settlement that `toLogged` was given. */
export function fromLogged({ costNanos, chargedNanos, ...settled }: LoggedSettlement): Settlement {
  return { ...settled, costNanos: toNanos(costNanos), chargedNanos: toNanos(chargedNanos ?? null) };
}

/** Reads the lines of a log that this version's functions have written. */
export function readLog(text: string): Logged {
  const opened: OpenCall[] = [];
  const settled: Settlement[] = [];
  let broken = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const read = parse(line);
    if (read?.opened) opened.push(read.opened);
    else if (read?.settled) settled.push(fromLogged(read.settled));
    else broken += 1;
  }
  return { opened, settled, broken };
}

const groupSize = 500;

/** Brings what a log holds into the database. What that has already stays as it is. */
export async function replay(calls: CallStore, { opened, settled }: Logged): Promise<void> {
  for (let at = 0; at < opened.length; at += groupSize) {
    await calls.append({ opened: opened.slice(at, at + groupSize), settled: [] });
  }
  for (let at = 0; at < settled.length; at += groupSize) {
    await calls.append({ opened: [], settled: settled.slice(at, at + groupSize) });
  }
}

interface Line {
  readonly opened?: OpenCall;
  readonly settled?: LoggedSettlement;
}

/** A settlement with its money as decimal digits. */
export type LoggedSettlement = Omit<Settlement, "costNanos" | "chargedNanos"> & {
  readonly costNanos: string | null;
  /** Absent in lines of earlier versions. */
  readonly chargedNanos?: string | null;
};

function parse(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}

function toNanos(digits: string | null): bigint | null {
  return digits === null ? null : BigInt(digits);
}
