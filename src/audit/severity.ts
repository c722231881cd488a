// How much an entry should alarm whoever watches, in the words of each format.
import type { AuditEntry } from "./entry.ts";

export interface Severity {
  /** CEF: 0 to 10. */
  readonly cef: number;
  /** OCSF `severity_id`: 1 informational, 2 low, 3 medium, 5 critical. */
  readonly ocsf: 1 | 2 | 3 | 5;
  /** Syslog (RFC 5424, table 2): 2 critical, 4 warning, 5 notice, 6 informational. */
  readonly syslog: 2 | 4 | 5 | 6;
}

export function severityOf({ action, outcome }: Pick<AuditEntry, "action" | "outcome">): Severity {
  if (action === "audit.broken") return { cef: 10, ocsf: 5, syslog: 2 };
  switch (outcome) {
    case "success":
      return { cef: 3, ocsf: 1, syslog: 6 };
    case "failure":
      return { cef: 5, ocsf: 2, syslog: 5 };
    case "denied":
    case "unknown":
      return { cef: 6, ocsf: 3, syslog: 4 };
  }
}
