// Keeps alerts as things are: opens those that are new, closes those that are over, and leaves the others alone.
import type { Alerts } from "./alerts.ts";

export interface KeepingAlerts {
  readonly alerts: Alerts;
  /** Subjects of the alerts of a kind that are open now, whoever raised them. */
  open(kind: string): Promise<readonly string[]>;
}

/** Alerts of one kind that are open at a time; further ones are told of in one, whose subject is `*`. */
const mostOfAKind = 200;
const theRest = "*";

/** @param wanted messages by subject: all that is the case now. */
export async function keepAlerts(
  { alerts, open }: KeepingAlerts,
  kind: string,
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  const standing = new Set(await open(kind));
  const told = new Map([...wanted].slice(0, mostOfAKind));
  const more = wanted.size - told.size;
  if (more > 0) told.set(theRest, `And ${more} more, which have no alerts of their own.`);
  for (const [subject, message] of told) if (!standing.has(subject)) alerts.raise(kind, subject, message);
  for (const subject of standing) if (!told.has(subject)) alerts.resolve(kind, subject);
}
