// An alert as the admin surface shows it and webhooks tell it.
import type { PendingAlert } from "./alerts.ts";

/** What may be known of an alert beside how it was raised. */
export interface KeptAlert extends PendingAlert {
  readonly acknowledgedAtMs?: number | null;
  readonly acknowledgedBy?: string | null;
  /** Null or absent while it is open. */
  readonly resolvedAtMs?: number | null;
}

export interface AlertView {
  id: string;
  object: "alert";
  kind: string;
  subject: string;
  message: string;
  status: "open" | "acknowledged" | "resolved";
  count: number;
  first_at: string;
  last_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  resolved_at: string | null;
}

/** In snake_case with ISO times. */
export function alertView(alert: KeptAlert): AlertView {
  const { acknowledgedAtMs = null, acknowledgedBy = null, resolvedAtMs = null } = alert;
  const seen = acknowledgedAtMs === null ? "open" : "acknowledged";
  return {
    id: alert.id,
    object: "alert",
    kind: alert.kind,
    subject: alert.subject,
    message: alert.message,
    status: resolvedAtMs === null ? seen : "resolved",
    count: alert.count,
    first_at: new Date(alert.firstAtMs).toISOString(),
    last_at: new Date(alert.lastAtMs).toISOString(),
    acknowledged_at: time(acknowledgedAtMs),
    acknowledged_by: acknowledgedBy,
    resolved_at: time(resolvedAtMs),
  };
}

function time(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
