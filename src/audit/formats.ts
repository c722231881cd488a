// The formats in which entries leave: each one line of text.
import type { AuditRow } from "../store/port-audit.ts";
import { cef } from "./cef.ts";
import type { AuditEntry } from "./entry.ts";
import { ocsf } from "./ocsf.ts";

/** An entry with its hash. The hash is over all other members, as canonical JSON. */
export interface ExportedEntry extends AuditEntry {
  readonly hash: string;
}

export const formats = ["json", "cef", "ocsf"] as const;
export type Format = (typeof formats)[number];

/** A row as it is shown. @throws SyntaxError when somebody has made its text no JSON. */
export function exported({ body, hash }: AuditRow): ExportedEntry {
  return { ...(JSON.parse(body) as AuditEntry), hash };
}

/** One line, without an end. */
export function formatted(format: Format, row: AuditRow): string {
  switch (format) {
    case "json":
      return JSON.stringify(exported(row));
    case "cef":
      return cef(exported(row));
    case "ocsf":
      return JSON.stringify(ocsf(exported(row)));
  }
}
