// Hours: whether a policy's hours of use are on, in their own time zone.
import type { Day, Hours } from "./policy.ts";

export const days: readonly Day[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a name is a time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    format(name);
    return true;
  } catch {
    return false;
  }
}

/** A span that passes midnight belongs to the day on which it begins. Its end is not within it. */
export function withinHours({ timeZone, days: allowed, fromMinute, toMinute }: Hours, nowMs: number): boolean {
  const { day, minute } = localTime(timeZone, nowMs);
  const today = allowed.includes(day);
  if (fromMinute < toMinute) return today && minute >= fromMinute && minute < toMinute;
  const yesterday = allowed.includes(days[(days.indexOf(day) + 6) % 7] ?? "sun");
  return (today && minute >= fromMinute) || (yesterday && minute < toMinute);
}

function localTime(timeZone: string, nowMs: number): { readonly day: Day; readonly minute: number } {
  const parts = Object.fromEntries(
    format(timeZone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: (parts.weekday ?? "sun").toLowerCase() as Day,
    minute: 60 * Number(parts.hour) + Number(parts.minute),
  };
}

/** Kept by name: making one takes long. Throws RangeError for a name that is none. */
function format(timeZone: string): Intl.DateTimeFormat {
  let made = formats.get(timeZone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, made);
  }
  return made;
}
