// References as tests open them: real managers over sockets, and timers that a test lets run.
import type { Log, LogFields } from "../../../src/observe/log.ts";
import { referencesOfMachine } from "../../../src/vault/references/machine.node.ts";
import { openReferences, type References } from "../../../src/vault/references/open.ts";

export interface Time {
  now(): number;
  later(ms: number, then: () => void): () => void;
  /** Lets so many milliseconds pass, and whatever was to happen in them. */
  pass(ms: number): void;
  /** How many timers run. */
  waiting(): number;
}

export function heldTime(startMs = Date.now()): Time {
  let nowMs = startMs;
  const timers = new Set<{ readonly atMs: number; readonly then: () => void }>();
  return {
    now: () => nowMs,
    later(ms, then) {
      const timer = { atMs: nowMs + ms, then };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    waiting: () => timers.size,
    pass(ms) {
      nowMs += ms;
      for (const timer of [...timers].sort((a, b) => a.atMs - b.atMs)) {
        if (timer.atMs > nowMs || !timers.delete(timer)) continue;
        timer.then();
      }
    },
  };
}

export interface Opened {
  readonly references: References;
  readonly time: Time;
  /** `kind subject` of the alerts that are open. */
  readonly alerts: ReadonlyMap<string, string>;
  readonly logged: readonly { readonly level: string; readonly event: string; readonly fields: LogFields }[];
  begin(options?: { readonly strict?: boolean }): Promise<void>;
}

export interface OpenOptions {
  readonly time?: Time;
  readonly maxAgeMs?: number;
}

export function open(env: Readonly<Record<string, string>>, { time = heldTime(), maxAgeMs }: OpenOptions = {}): Opened {
  const machine = referencesOfMachine(env, { maxAgeMs: maxAgeMs ?? null });
  const references = openReferences({ ...machine, now: time.now, later: time.later, random: () => 0 });
  const alerts = new Map<string, string>();
  const logged: { level: string; event: string; fields: LogFields }[] = [];
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void =>
      void logged.push({ level, event, fields });
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  return {
    references,
    time,
    alerts,
    logged,
    begin: ({ strict = false } = {}) =>
      references.begin({
        log,
        alerts: {
          raise: (kind, subject, message) => void alerts.set(`${kind} ${subject}`, message),
          resolve: (kind, subject) => void alerts.delete(`${kind} ${subject}`),
        },
        strict,
      }),
  };
}

/** A source of one reference that is being read. */
export async function read(env: Readonly<Record<string, string>>, reference: string, options?: OpenOptions) {
  const opened = open(env, options);
  const source = opened.references.sourceOf(reference);
  if (source === null) throw new Error(`${reference} is no reference`);
  await opened.begin();
  const value = (): string => source.current().reveal();
  const state = () => {
    const [first] = source.describe();
    if (first === undefined) throw new Error("a source without a reference");
    return first;
  };
  return { ...opened, source, value, state };
}
