// The trail as the rooms above see it: rows that are only added, and what stands beside them. It checks no hash.

/** One entry as it is stored. */
export interface AuditRow {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Canonical JSON (RFC 8785). */
  readonly body: string;
  /** SHA-256 of the body, hex. */
  readonly hash: string;
  readonly mac: string;
}

/** The last entry, under a mac of its own. */
export type AuditHead = Omit<AuditRow, "body">;

/** What stands in the database about the trail's end. */
export interface AuditEnd {
  readonly head: AuditHead | null;
  /** The last row that there is; the same entry as the head's unless somebody was at work. */
  readonly last: AuditRow | null;
}

export interface AuditAppend {
  /** The `seq` of the row before the first one; 0 for none. */
  readonly after: number;
  readonly rows: readonly AuditRow[];
  readonly head: AuditHead;
  /** Intents that these entries settle. */
  readonly settled?: readonly string[];
  /** Removes all entries up to this one; a cut among the rows says so. */
  readonly cutThrough?: number;
}

/** A change that is under way. */
export interface AuditIntent {
  readonly id: string;
  readonly atMs: number;
  /** The event, JSON. */
  readonly event: string;
}

export interface AuditQuery {
  /** Patterns, in which `*` stands for any text. */
  readonly action?: string;
  readonly actor?: string;
  readonly target?: string;
  readonly outcome?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** A part of the entry's text, in any case. */
  readonly search?: string;
  /** Only entries before this one. */
  readonly before?: number;
  /** Only entries after this one, oldest first. */
  readonly after?: number;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface AuditKey {
  /** The private key, sealed. */
  readonly sealed: Uint8Array;
  /** SPKI, base64. */
  readonly publicKey: string;
}

/** How far an exporter has come. */
export interface ExporterCursor {
  readonly name: string;
  /** The last entry that it has delivered. */
  readonly seq: number;
  readonly deliveredAtMs: number;
}

export interface DeadLetter {
  readonly exporter: string;
  readonly seq: number;
  readonly atMs: number;
  readonly reason: string;
}

export interface AuditStore {
  end(): Promise<AuditEnd>;
  /** Writes everything or nothing; false when another process has appended after `after` meanwhile. */
  append(append: AuditAppend): Promise<boolean>;
  /** Entries after this one, in their order. */
  scan(afterSeq: number, limit: number): Promise<readonly AuditRow[]>;
  get(seq: number): Promise<AuditRow | null>;
  /** The last entry of this action. */
  latest(action: string): Promise<AuditRow | null>;
  /** Newest first, but for what is asked for after an entry. */
  list(query: AuditQuery): Promise<readonly AuditRow[]>;
  /** The actions that an actor has succeeded in since a time, each once. */
  actionsOf(actor: string, fromMs: number): Promise<readonly string[]>;
  intend(intent: AuditIntent): Promise<void>;
  /** Forgets an intent of which nothing came. */
  forget(id: string): Promise<void>;
  /** Those from before this time, oldest first. */
  intents(beforeMs: number, limit: number): Promise<readonly AuditIntent[]>;
  key(): Promise<AuditKey | null>;
  /** Keeps the key, and with it the end of a trail without entries, unless there is a key; resolves to what stands. */
  claimKey(key: AuditKey, head: AuditHead): Promise<AuditKey>;
  cursors(): Promise<readonly ExporterCursor[]>;
  /** Moves an exporter on, and notes what its receiver would never take. */
  delivered(cursor: ExporterCursor, dead: readonly DeadLetter[]): Promise<void>;
  deadLetters(exporter: string, limit: number): Promise<readonly DeadLetter[]>;
}
