// What the store keeps of the gateway's own running, as the rooms above see it: snapshots and alerts.
import type { Page } from "./port.ts";

/** Something that one run leaves to the next. */
export interface Snapshot {
  /** JSON that nobody has checked. */
  readonly value: string;
  readonly savedAtMs: number;
}

export interface SnapshotStore {
  load(name: string): Promise<Snapshot | null>;
  /** Writes the snapshot instead of an earlier one of the same name. */
  save(name: string, snapshot: Snapshot): Promise<void>;
}

/** Something that operators should know of. Of what is wrong with one subject at most one is open at a time. */
export interface AlertRecord {
  /** `alert_…` */
  readonly id: string;
  /** What is wrong: `credential_refused`, … */
  readonly kind: string;
  /** With what: an id, which its kind explains. */
  readonly subject: string;
  /** For people: the latest one. */
  readonly message: string;
  /** How often it was raised while it was open. */
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly acknowledgedAtMs: number | null;
  /** The administrator who did. */
  readonly acknowledgedBy: string | null;
  /** Null while it is open. */
  readonly resolvedAtMs: number | null;
}

/** What is written of an alert that is raised. */
export type RaisedAlert = Omit<AlertRecord, "acknowledgedAtMs" | "acknowledgedBy" | "resolvedAtMs">;

export interface AlertQuery {
  readonly open?: boolean;
  readonly kind?: string;
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface AlertStore {
  /**
   * Opens an alert; where one of the same kind and subject is open, that one counts it and takes the message.
   * Resolves to whether it was opened.
   */
  raise(alert: RaisedAlert): Promise<boolean>;
  /** Ends the open alert of this kind and subject. Resolves to it; null when there is none. */
  resolve(kind: string, subject: string, atMs: number): Promise<AlertRecord | null>;
  /** Notes who has seen it first, and ends nothing. Resolves to what stands; null when there is none of this id. */
  acknowledge(id: string, by: string, atMs: number): Promise<AlertRecord | null>;
  /** Newest first. */
  list(query: AlertQuery): Promise<Page<AlertRecord>>;
}
