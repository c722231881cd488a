// Points in time as people write them: in queries, in bodies, on the command line.
import { z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";

/** Below this, a bare number counts seconds; from it on, milliseconds (it is the year 5138 in seconds, 1973 in milliseconds). */
const firstMilliseconds = 100_000_000_000;

/**
 * Reads a date (`2026-11-24`, midnight UTC), a time (`2026-11-24T12:00:00+01:00`; UTC when it names no zone), or a number
 * of seconds or milliseconds since 1970. Epoch milliseconds; null when it is none of these.
 */
export function readTime(text: string): number | null {
  if (/^\d{1,14}$/.test(text)) {
    const value = Number(text);
    return value < firstMilliseconds ? value * 1000 : value;
  }
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text);
  if (parts === null) return null;
  const [, date = "", time = "00:00", zone = "Z"] = parts;
  const atMs = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // The engine takes 30 February for 2 March.
  const exists = new Date(`${date}T00:00Z`);
  return Number.isNaN(atMs) || Number.isNaN(exists.getTime()) || !exists.toISOString().startsWith(date) ? null : atMs;
}

/** A time in a body, as `readTime` takes it; ISO 8601 in UTC when it was read. */
export const moment = z
  .string()
  .transform((text, context) => {
    const atMs = readTime(text);
    if (atMs !== null) return new Date(atMs).toISOString();
    context.addIssue("expected a date or a time, such as 2027-12-31 or 2027-12-31T18:00:00Z");
    return z.NEVER;
  })
  .openapi({ type: "string", format: "date-time", example: "2027-01-31T00:00:00Z" });

/**
 * What is asked for between two times, epoch milliseconds, where both are given or stand for something.
 * @throws GatewayError `invalid_request` where the first comes after the other: nothing lies between them, which would look like no use.
 */
export function requireSpan(fromMs: number | null | undefined, toMs: number | null | undefined): void {
  if (fromMs == null || toMs == null || fromMs <= toMs) return;
  const [from, to] = [fromMs, toMs].map((atMs) => new Date(atMs).toISOString());
  throw new GatewayError("invalid_request", `\`from\` (${from}) is after \`to\` (${to}).`, { param: "from" });
}
