// What the audit trail is told: who did what to what, from where, and how it ended. Never a secret.

export interface AuditEvent {
  /** `resource.verb` in the past's infinitive: `key.rotate`, `admin.login`, `token.exchange`. A closed list is in docs/audit.md. */
  readonly action: string;
  readonly actor: AuditActor;
  /** What was acted on; null where there is none, as at a failed login. */
  readonly target: { readonly type: string; readonly id: string } | null;
  /** `denied`: refused by a rule or a missing permission; `failure`: allowed, but it did not work. */
  readonly outcome: "success" | "denied" | "failure";
  /** Why it was denied or failed: an error code of the gateway's. */
  readonly reason?: string;
  readonly requestId?: string;
  readonly address?: string;
  readonly userAgent?: string;
  /** What the target was and has become, as the admin API shows it: without secrets. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface AuditActor {
  /** `anonymous`: nobody who could be recognised. `system`: the gateway itself. */
  readonly type: "admin" | "key" | "workload" | "system" | "anonymous";
  /** Empty for `anonymous` and `system`. */
  readonly id: string;
}

/** Takes events. Resolves when the event can't be lost any more; a management change is answered after that. */
export interface Trail {
  record(event: AuditEvent): Promise<void>;
}
