// The log, as the rooms see it. What is logged is chosen field by field: no headers, no bodies, no secrets.

export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** An error as the log keeps it: where it came from and what kind it is, with the text of keys and tokens taken out. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: scrub(String(error)) };
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { name: error.name, message: scrub(error.message), stack: scrub(error.stack ?? ""), ...cause };
}

const secretLike = /\b(tp_[a-z]+_|sk-|AIza|AKIA|Bearer\s+)[A-Za-z0-9_\-.]{8,}/g;

/** Takes what looks like a key out of a text that is about to be written. */
export function scrub(text: string): string {
  return text.replace(secretLike, "$1[redacted]");
}
