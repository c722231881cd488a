// Entries as syslog messages: RFC 5424, framed by octet counting (RFC 5425, 4.3; RFC 6587, 3.4.1).
import type { AuditRow } from "../../store/port-audit.ts";
import type { AuditEntry } from "../entry.ts";
import { type Format, formatted } from "../formats.ts";
import { severityOf } from "../severity.ts";

/** "Log audit" (RFC 5424, table 1). */
const facility = 13;
/** The example's number (RFC 5612): what stands behind it is nobody's registered schema. */
const structure = "turnpike@32473";

export interface SyslogOrigin {
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
}

/** One frame: the length in bytes, a space, and the message. */
export function syslogFrame(row: AuditRow, format: Format, { hostname, appName, processId }: SyslogOrigin): Buffer {
  const entry = JSON.parse(row.body) as AuditEntry;
  const priority = facility * 8 + severityOf(entry).syslog;
  const header = [
    `<${priority}>1`,
    entry.at,
    name(hostname, 255),
    name(appName, 48),
    name(processId, 128),
    name(entry.action, 32),
  ];
  const data = `[${structure} seq="${row.seq}" hash="${row.hash}"]`;
  const message = Buffer.from(`${header.join(" ")} ${data} ${formatted(format, row)}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** PRINTUSASCII of at most so many characters; `-` for nothing. */
function name(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, "_").slice(0, longest) || "-";
}
