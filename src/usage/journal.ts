// The journal: writes what happened to calls to a log, at the end of the turn of the event loop in which it happened, and to the
// database in groups, so that no call waits for a transaction of its own and none is lost.
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { CallStore, OpenCall, Settlement } from "../store/port.ts";
import { type CallLog, openedLine, settledLine } from "./call-log.ts";

/** How long the first entry of a group waits for others. */
const gatherMs = 5;
/** And on a busy gateway, whose entries are in the log: a row of a large group costs half of what it costs alone. */
const busyGatherMs = 40;
/** The last group had so many entries: as good as one a millisecond. */
const busySize = 6;
/** A group of so many waits no longer: writing it holds all calls up for about half a millisecond. */
const enough = 40;
/** Entries in a group at the most: there are more than enough only where the database was away. */
const groupSize = 500;
/** Entries held while the database can't be written. At about 1 KB each, some 20 MB; beyond it no call is admitted. */
export const queueLimit = 20_000;
/** A database that has failed for this long stops admissions: of hard budgets, and of all calls where there is no log. */
const tolerateFailingMs = 2_000;
const firstRetryMs = 10;
const lastRetryMs = 1_000;
/** How long a closing journal goes on trying. */
const closeWithinMs = 5_000;

export interface JournalOptions {
  readonly calls: CallStore;
  readonly clock: Clock;
  /** Where records are until the database has them; null where there is no place for one, and calls wait for the database. */
  readonly log: CallLog | null;
  /** Told of every write that failed. The group is kept and tried again. */
  readonly onError: (error: unknown) => void;
}

export interface Journal {
  /** False while no call should be admitted: the queue is full, or neither the log nor the database takes a record. */
  readonly healthy: boolean;
  /** True while the database has been failing for seconds: nothing is lost, but nobody else can know what was spent. */
  readonly behind: boolean;
  /** Records that the database does not have yet. */
  readonly queued: number;
  /**
   * Records an admission; it is durable when it is written or, where the log did not take it, some milliseconds later (see
   * `opened`).
   * @throws GatewayError `gateway_overloaded` when the queue is full, or neither the log nor the database takes it.
   */
  open(call: OpenCall): void;
  /**
   * Calls when all that was recorded so far is written to the log, at the end of this turn: one write serves all that happened in
   * it. At once where nothing waits to be written. What is called throws nothing.
   * @param then told false when an admission is kept nowhere but in memory: it must not be acted upon.
   */
  written(then: (kept: boolean) => void): void;
  /** Resolves when this admission, once it is written, is durable; null when it is already. A response must not end before. */
  opened(id: string): Promise<void> | null;
  /** Records how a call ended, as durable as `open`. Never refused: there are no more of them than of admissions. */
  settle(settlement: Settlement): void;
  /** Resolves when everything recorded so far is durable. */
  flush(): Promise<void>;
  /** Writes what is left. Rejects when the database would not take it for five seconds. */
  close(): Promise<void>;
}

/** Entries that become durable together. */
interface Group {
  readonly opened: OpenCall[];
  readonly settled: Settlement[];
  readonly durable: PromiseWithResolvers<void>;
}

/** A journal over one store, for a process that lives on. On Workers, where nothing outlives its request: journal.worker.ts. */
export function createJournal({ calls, clock, log, onError }: JournalOptions): Journal {
  /** Oldest first; the first one is being written when `writing`. */
  const queue: Group[] = [];
  /** Where the admissions are that are not durable yet. */
  const groupOf = new Map<string, Group>();
  let entries = 0;
  let writing = false;
  let timer: NodeJS.Timeout | null = null;
  let failingSinceMs: number | null = null;
  let giveUpAtMs = Number.POSITIVE_INFINITY;
  /** Whether the log took the latest admissions. */
  let logged = log !== null;
  /** Admissions of this turn, and who waits for its end. */
  let unwritten: { readonly id: string; readonly group: Group }[] = [];
  let waiting: ((kept: boolean) => void)[] = [];
  let turning = false;
  /** Entries of the group that was written last. */
  let lastSize = 0;

  const behind = (): boolean => failingSinceMs !== null && clock.monotonic() - failingSinceMs > tolerateFailingMs;

  /** The group that the next entry goes to: the last one, unless it is full or being written. */
  const lastGroup = (): Group => {
    const last = queue.at(-1);
    if (last !== undefined && sizeOf(last) < groupSize && !(writing && queue.length === 1)) return last;
    const group = newGroup();
    queue.push(group);
    return group;
  };

  const recorded = (group: Group): void => {
    entries++;
    // A timer that runs is hurried once, when there is enough: to set it anew for every entry would put it off.
    if (timer === null || sizeOf(group) === enough) schedule(waitFor(group));
  };

  const waitFor = (group: Group): number => {
    if (sizeOf(group) >= enough) return 0;
    return logged && lastSize >= busySize ? busyGatherMs : gatherMs;
  };

  const schedule = (inMs: number): void => {
    if (writing || (timer !== null && inMs > 0)) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void write(), inMs);
  };

  const write = async (): Promise<void> => {
    timer = null;
    const group = queue[0];
    if (writing || group === undefined) return;
    writing = true;
    lastSize = sizeOf(group);
    const problem = await append(group);
    writing = false;
    for (const one of problem === null ? [group] : queue.slice()) done(one, problem);
    if (problem === null && queue.length === 0) log?.drained();
    const next = queue[0];
    if (next !== undefined) schedule(waitFor(next));
  };

  /** Tries until it is written, or until it is time to give up: then resolves to what is wrong. */
  const append = async (group: Group): Promise<{ readonly cause: unknown } | null> => {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      try {
        await calls.append(group);
        failingSinceMs = null;
        return null;
      } catch (cause) {
        onError(cause);
        failingSinceMs ??= clock.monotonic();
        if (clock.monotonic() >= giveUpAtMs) return { cause };
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  };

  const done = (group: Group, problem: { readonly cause: unknown } | null): void => {
    queue.splice(queue.indexOf(group), 1);
    entries -= sizeOf(group);
    for (const { id } of group.opened) groupOf.delete(id);
    if (problem === null) group.durable.resolve();
    else group.durable.reject(new Error("The records of calls could not be written.", problem));
  };

  /** Once in a turn, after all else that happens in it. */
  const atTurnsEnd = (): void => {
    if (turning) return;
    turning = true;
    setImmediate(endTurn);
  };

  const writeLog = (): boolean => {
    try {
      return log?.write() ?? false;
    } catch (error) {
      onError(error);
      return false;
    }
  };

  const endTurn = (): void => {
    if (!turning) return;
    turning = false;
    const [admissions, waiters] = [unwritten, waiting];
    unwritten = [];
    waiting = [];
    const took = writeLog();
    if (admissions.length > 0) logged = took;
    if (!took) for (const { id, group } of admissions) if (queue.includes(group)) groupOf.set(id, group);
    const kept = took || failingSinceMs === null;
    for (const then of waiters) then(kept);
  };

  const flush = async (): Promise<void> => {
    endTurn();
    schedule(0);
    await queue.at(-1)?.durable.promise;
  };

  return {
    get healthy() {
      return entries < queueLimit && (logged || !behind());
    },
    get behind() {
      return behind();
    },
    get queued() {
      return entries;
    },
    open(call) {
      if (entries >= queueLimit || (log !== null && !logged && failingSinceMs !== null))
        throw new GatewayError("gateway_overloaded", "The gateway can't record calls right now.");
      const group = lastGroup();
      group.opened.push(call);
      recorded(group);
      if (log === null) {
        groupOf.set(call.id, group);
        return;
      }
      log.admission(openedLine(call));
      unwritten.push({ id: call.id, group });
      atTurnsEnd();
    },
    written(then) {
      if (turning) waiting.push(then);
      else then(true);
    },
    opened: (id) => groupOf.get(id)?.durable.promise ?? null,
    settle(settlement) {
      const group = lastGroup();
      group.settled.push(settlement);
      recorded(group);
      if (log === null) return;
      log.ending(settledLine(settlement));
      atTurnsEnd();
    },
    flush,
    async close() {
      giveUpAtMs = clock.monotonic() + closeWithinMs;
      try {
        await flush();
      } finally {
        log?.close();
      }
    },
  };
}

function newGroup(): Group {
  const durable = Promise.withResolvers<void>();
  // Whoever waits is told; that nobody waits is no error of its own.
  durable.promise.catch(() => {});
  return { opened: [], settled: [], durable };
}

function sizeOf(group: Group): number {
  return group.opened.length + group.settled.length;
}
