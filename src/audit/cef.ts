// Entries in ArcSight's Common Event Format, version 0: a header between bars, then key=value pairs of its dictionary.
import type { ExportedEntry } from "./formats.ts";
import { severityOf } from "./severity.ts";

/** Longest value of a custom string (cs1 to cs6), in characters. */
const longestCustom = 4_000;

/** One line, without an end. */
export function cef(entry: ExportedEntry): string {
  const { action, actor, target, outcome, address } = entry;
  const header = ["CEF:0", "Turnpike", "Turnpike", "1", action, `${action} ${outcome}`, String(severityOf(entry).cef)];
  const fields: readonly (readonly [string, unknown])[] = [
    ["rt", Date.parse(entry.at)],
    ["externalId", entry.seq],
    ["act", action],
    ["outcome", outcome],
    ["reason", entry.reason],
    ["suid", actor.id === "" ? undefined : actor.id],
    ["spriv", actor.type],
    ...sourceOf(address),
    ["requestClientApplication", entry.user_agent],
    ["cnt", entry.count],
    ["start", entry.since === undefined ? undefined : Date.parse(entry.since)],
    ...custom(1, "target", target === null ? undefined : `${target.type}/${target.id}`),
    ...custom(2, "hash", entry.hash),
    ...custom(3, "requestId", entry.request_id),
    ...custom(4, "before", jsonOf(entry.before)),
    ...custom(5, "after", jsonOf(entry.after)),
    ...custom(6, "keyHint", entry.hint),
  ];
  const said = fields.filter(([, value]) => value !== undefined);
  const extension = said.map(([name, value]) => `${name}=${inExtension(String(value))}`).join(" ");
  return `${header.map((part, index) => (index === 0 ? part : inHeader(part))).join("|")}|${extension}`;
}

function custom(place: number, label: string, value: string | undefined): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  return [
    [`cs${place}Label`, label],
    [`cs${place}`, value.slice(0, longestCustom)],
  ];
}

/** `src` takes IPv4 alone; IPv6 has a custom field. */
function sourceOf(address: string | undefined): readonly (readonly [string, unknown])[] {
  if (address === undefined) return [];
  if (!address.includes(":")) return /^[\d.]+$/.test(address) ? [["src", address]] : [["shost", address]];
  return [
    ["c6a2Label", "Source IPv6 Address"],
    ["c6a2", address],
  ];
}

function jsonOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function inHeader(text: string): string {
  return text.replace(/[\\|]/g, "\\$&").replace(/[\r\n]+/g, " ");
}

function inExtension(text: string): string {
  return text.replace(/[\\=]/g, "\\$&").replace(/\r?\n|\r/g, "\\n");
}
