// The log, as the rooms see it. What is logged is chosen field by field: no headers, no bodies, no secrets.

/**
 * Everything that a line may say beside its event. A new name is a decision, made here: nothing that a client or a provider has
 * sent as it is, no headers, no bodies, no secrets.
 */
export type LogField =
  | "address"
  | "alias"
  | "attempts"
  | "budget_usd"
  | "call"
  | "calls"
  | "code"
  | "count"
  | "credential"
  | "customer"
  | "error"
  | "exporter"
  | "file"
  | "id"
  | "key"
  | "kind"
  | "level"
  | "method"
  | "per"
  | "percent"
  | "project"
  | "provider"
  | "providers"
  | "reference"
  | "request"
  | "rule"
  | "scope"
  | "settings"
  | "signal"
  | "source"
  | "status"
  | "subject"
  | "trouble"
  | "url"
  | "version"
  | "webhook"
  | "why"
  | "worker"
  | "workers";

export type LogValue = string | number | boolean | null | readonly string[];

export interface ErrorFacts {
  readonly name?: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorFacts;
  /** Of an `AggregateError`, the first few. */
  readonly errors?: readonly ErrorFacts[];
}

export type LogFields = Readonly<Partial<Record<LogField, LogValue>>> & Partial<ErrorFacts>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Causes of causes that are told; a circle of them has no end. */
const mostCauses = 5;
const mostErrors = 5;

/**
 * An error as the log keeps it: where it came from and what kind it is, and nothing else that somebody has hung on it. Secrets
 * in its texts go where the line is written (log-scrub.ts).
 */
export function describeError(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { message: textOf(error) };
  const { name, message, stack = "", cause } = error;
  const { code } = error as { code?: unknown };
  const deeper = depth < mostCauses;
  return {
    name,
    ...(typeof code === "string" && { code }),
    message,
    stack,
    ...(deeper && cause !== undefined && { cause: describeError(cause, depth + 1) }),
    ...(deeper &&
      error instanceof AggregateError && {
        errors: error.errors.slice(0, mostErrors).map((one: unknown) => describeError(one, depth + 1)),
      }),
  };
}

/** What was thrown and is no error: its members may be anything, so only what it calls itself is told. */
function textOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  return typeof thrown === "object" && thrown !== null
    ? `a thrown ${thrown.constructor?.name ?? "object"}`
    : String(thrown);
}
