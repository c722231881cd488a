// What the audit trail is told: who did what to what, from where, and how it ended. Never a secret.

export interface AuditEvent {
  /** `resource.verb` in the past's infinitive: `key.rotate`, `admin.login`, `token.exchange`. What there is is told in docs/audit.md. */
  readonly action: string;
  readonly actor: AuditActor;
  /** What was acted on; null where there is none, as at a failed login. */
  readonly target: AuditTarget | null;
  /**
   * `denied`: refused by a rule or a missing permission; `failure`: allowed, but it did not work; `unknown`: the process died
   * before it could say.
   */
  readonly outcome: "success" | "denied" | "failure" | "unknown";
  /** Why it was denied or failed: an error code of the gateway's. */
  readonly reason?: string;
  readonly requestId?: string;
  readonly address?: string;
  readonly userAgent?: string;
  /** What may be shown of the key that was presented. */
  readonly hint?: string;
  /** What the target was and has become, as the admin API shows it: without secrets. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** Of many alike that are told of at once: how many, and since when (epoch milliseconds). */
  readonly count?: number;
  readonly sinceMs?: number;
}

export interface AuditActor {
  /**
   * `anonymous`: nobody who could be recognised. `system`: the gateway itself. `operator`: somebody on the machine, by the
   * command line.
   */
  readonly type: "admin" | "key" | "workload" | "operator" | "system" | "anonymous";
  /** Empty for `anonymous` and `system`; the user's name for `operator`. */
  readonly id: string;
}

export interface AuditTarget {
  readonly type: string;
  readonly id: string;
}

/** Takes events. */
export interface Trail {
  /** Resolves when the event can't be lost any more; a management change is answered after that. */
  record(event: AuditEvent): Promise<void>;
  /**
   * Takes one of what strangers may cause as often as they like (refused keys), and makes nobody wait. The first of its kind
   * in a minute is written at once; all others of that minute are one more entry, with their count.
   */
  fold(event: AuditEvent): void;
  /**
   * Notes that a change is about to be made. Resolves when that is durable: should the process die before `end`, the trail
   * will tell of the change with the outcome `unknown`.
   * @throws when it can't be noted. The change must not be made then.
   */
  begin(event: Omit<AuditEvent, "outcome">): Promise<PendingChange>;
}

/** A change that is noted. */
export interface PendingChange {
  /** Tells how it ended, with what is known of it now; resolves as `record` does. Once only. */
  end(ending: Partial<AuditEvent> & Pick<AuditEvent, "outcome">): Promise<void>;
  /** Nothing was done, and there is nothing to tell. */
  cancel(): Promise<void>;
}
