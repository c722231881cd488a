// What a secrets manager is to us: something that a reference can be read from.
import type { Content } from "./content.ts";
import type { Reference } from "./reference.ts";

/** One read of a secret. */
export interface Reading {
  readonly content: Content;
  /** As the manager names it; null where it names none. */
  readonly version: string | null;
  /** When the manager says that it ends, epoch milliseconds. */
  readonly endsAtMs: number | null;
  /** Of a secret that was made for us and is taken back at its end; absent for one that lies there. */
  readonly lease?: Lease;
}

/** A right to a secret for a time. */
export interface Lease {
  /** Prolongs it. Resolves to its new end, epoch milliseconds; null when it can't be prolonged, and another secret is to be asked for. */
  renew(): Promise<number | null>;
}

export interface Manager {
  /** @throws ManagerError, or ProviderError where the identity at the manager is refused. No message holds a secret. */
  read(reference: Reference): Promise<Reading>;
  /** Tells of changes where there is a way; returns what ends it. */
  watch?(reference: Reference, onChange: () => void): () => void;
  close?(): void;
}

/** What managers are lent. */
export interface ManagerHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** Rejects when it can't be read. */
  readFile(path: string): Promise<string>;
  /** Calls back when something may have changed beside this file; returns what ends it. */
  watchFile(path: string, onChange: () => void): () => void;
  /** Calls back once, later; returns what calls it off. Nothing waits for it at the process's end. */
  later(ms: number, then: () => void): () => void;
  /** Leases of this manager are about to end although they were prolonged: their secrets are to be read anew. */
  onLeasesEnd(): void;
}

/**
 * - `away`: it can't be reached or can't answer now.
 * - `refused`: it does not let us.
 * - `missing`: it has no such secret, version or field.
 * - `settings`: we can't ask it, for want of a setting.
 */
export type ManagerErrorKind = "away" | "refused" | "missing" | "settings";

/** Why a reference could not be read. The message is for operators; it holds no secret. */
export class ManagerError extends Error {
  readonly kind: ManagerErrorKind;
  readonly retryAfterMs: number | null;

  constructor(kind: ManagerErrorKind, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = "ManagerError";
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}
