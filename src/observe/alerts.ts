// Alerts: what operators should know of, kept until it is over. Whoever raises one goes on at once, whatever becomes of it.

/** Where alerts are kept. */
export interface AlertSink {
  /** Opens an alert, or counts it on the open one of its kind and subject. Resolves to whether it was opened. */
  raise(alert: PendingAlert): Promise<boolean>;
  /** Ends the open alert of this kind and subject. Resolves to it as it was; null when there is none. */
  resolve(kind: string, subject: string, atMs: number): Promise<PendingAlert | null>;
}

/** That an alert has begun, or is over. */
export interface AlertNews {
  readonly change: "opened" | "resolved";
  readonly alert: PendingAlert;
  readonly atMs: number;
}

export interface PendingAlert {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly message: string;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface Alerts {
  /**
   * Something is wrong. Raised again while it is open, it is counted.
   * @param kind what is wrong, one word of the documentation's: `credential_refused`.
   * @param subject with what: an id.
   * @param message for people, without secrets.
   */
  raise(kind: string, subject: string, message: string): void;
  /** It is over. Nothing happens where no alert is open. */
  resolve(kind: string, subject: string): void;
  /** Resolves when all that was raised and resolved is written, or was given up. */
  flush(): Promise<void>;
}

export interface AlertsOptions {
  readonly sink: AlertSink;
  now(): number;
  newId(): string;
  onError(error: unknown): void;
  /** Tells whoever wants to know, once for each alert that begins and once when it is over. Never rejects. */
  readonly announce?: (news: AlertNews) => Promise<void>;
  /** Told of writes that nobody waits for, where the runtime must be asked to let them end. */
  readonly outlast?: (writing: Promise<void>) => void;
}

type Change =
  /** `announced`: also of one that could not be written, so that a full disk can be told of. */
  | { readonly kind: "raise"; alert: PendingAlert; tries: number; announced: boolean }
  | { readonly kind: "resolve"; readonly of: string; readonly subject: string; readonly atMs: number; tries: number };

/** Changes that wait for a database that does not answer; further ones are lost. */
const mostWaiting = 1_000;
/** A change is given up after so many tries, each with the next change or `flush`. */
const mostTries = 3;

/** Alerts that are written one after the other, as they come; what waits is counted together. */
export function createAlerts({ sink, now, newId, onError, announce, outlast }: AlertsOptions): Alerts {
  const waiting: Change[] = [];
  /** The last change of each kind and subject that waits and is not being written. */
  const last = new Map<string, Change>();
  let writing: Promise<void> | null = null;

  function add(name: string, change: Change): void {
    if (waiting.length >= mostWaiting) return;
    waiting.push(change);
    last.set(name, change);
    void write();
  }

  function write(): Promise<void> {
    if (writing === null) {
      writing = drain().finally(() => {
        writing = null;
      });
      outlast?.(writing);
    }
    return writing;
  }

  async function drain(): Promise<void> {
    for (;;) {
      const [change] = waiting;
      if (change === undefined) return;
      const name = nameOf(change);
      if (last.get(name) === change) last.delete(name);
      try {
        await (change.kind === "raise" ? open(change) : close(change));
      } catch (error) {
        onError(error);
        if (change.kind === "raise") await tellOpened(change);
        change.tries += 1;
        if (change.tries < mostTries) return;
      }
      waiting.shift();
    }
  }

  async function open(change: Extract<Change, { kind: "raise" }>): Promise<void> {
    if (await sink.raise(change.alert)) await tellOpened(change);
  }

  async function close({ of, subject, atMs }: Extract<Change, { kind: "resolve" }>): Promise<void> {
    const alert = await sink.resolve(of, subject, atMs);
    if (alert !== null) await announce?.({ change: "resolved", alert, atMs });
  }

  async function tellOpened(change: Extract<Change, { kind: "raise" }>): Promise<void> {
    if (change.announced) return;
    change.announced = true;
    await announce?.({ change: "opened", alert: change.alert, atMs: change.alert.lastAtMs });
  }

  return {
    raise(kind, subject, message) {
      const name = named(kind, subject);
      const atMs = now();
      const before = last.get(name);
      if (before?.kind === "raise") {
        before.alert = { ...before.alert, message, count: before.alert.count + 1, lastAtMs: atMs };
        return;
      }
      const alert = { id: newId(), kind, subject, message, count: 1, firstAtMs: atMs, lastAtMs: atMs };
      add(name, { kind: "raise", alert, tries: 0, announced: false });
    },
    resolve(kind, subject) {
      const name = named(kind, subject);
      if (last.get(name)?.kind === "resolve") return;
      add(name, { kind: "resolve", of: kind, subject, atMs: now(), tries: 0 });
    },
    flush: write,
  };
}

function nameOf(change: Change): string {
  return change.kind === "raise" ? named(change.alert.kind, change.alert.subject) : named(change.of, change.subject);
}

function named(kind: string, subject: string): string {
  return `${kind} ${subject}`;
}
