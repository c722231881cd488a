// Who calls: finds the key in a request's headers, and only there, and checks that it may be used from where it is.
import { GatewayError } from "../errors.ts";
import type { HttpExchange } from "../gateway/sink.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey, keySuspended, refusedEntry } from "../keys/refusal.ts";
import { scopesOf, tariffOf } from "../keys/scopes.ts";
import { clientAddress, networkOf } from "../limits/addresses.ts";
import type { Tariff } from "../limits/charge.ts";
import { checkCaller } from "../limits/check.ts";
import type { Scope } from "../limits/policy.ts";
import { promptLoggingOf } from "../prompts/wish.ts";
import type { KeyEntry, KeyRecord, KeySecretRecord } from "../store/port.ts";
import { adopted } from "./adopt.ts";
import type { Asking } from "./asking.ts";
import { corsHeaders } from "./cors.ts";
import type { ApiDeps } from "./deps.ts";
import { originOf } from "./origin.ts";
import { tellOfRefusal } from "./refusals.ts";

/** Who calls, and what it must keep to. */
export interface Caller {
  readonly key: KeyRecord;
  /** The one of its secrets that it showed. */
  readonly secret: KeySecretRecord;
  readonly scopes: readonly Scope[];
  readonly tariff: Tariff;
}

/** A request on its way to its caller. */
interface Arrival {
  readonly asking: Asking;
  readonly deps: ApiDeps;
  readonly answer: Pick<HttpExchange, "carry"> | undefined;
  header(name: string): string | null;
  /** Whose key was shown, as soon as that is known, whatever comes of it. */
  keyId: string | null;
}

/**
 * The caller of a request: at once where its key is remembered and its limits are known here, else a promise. From here on the
 * answer tells, whatever it will be, what the key's holder must know of the key.
 * @param answer where it is not Hono's own.
 * @throws GatewayError (or rejects with it) as `presentedSecret`, what the key ring refuses with, and what `checkCaller` does;
 * `rate_limit_exceeded` after too many unknown keys.
 */
export function authenticate(
  asking: Asking,
  deps: ApiDeps,
  answer?: Pick<HttpExchange, "carry">,
): Caller | Promise<Caller> {
  const arrival: Arrival = { asking, deps, answer, header: (name) => asking.req.header(name) ?? null, keyId: null };
  try {
    const caller = recognise(arrival);
    return caller instanceof Promise ? caller.catch((error: unknown) => turnAway(error, arrival)) : caller;
  } catch (error) {
    return turnAway(error, arrival);
  }
}

function turnAway(error: unknown, arrival: Arrival): never {
  const entry = refusedEntry(error);
  if (entry !== null) greet(entry, arrival);
  tellOfRefusal(error, arrival.asking, arrival.deps, arrival.keyId);
  throw error;
}

/** From here on the answer tells what the key's holder must know of the key, and it is counted for that key. */
function greet(entry: KeyEntry, arrival: Arrival): void {
  const { asking, deps, answer, header } = arrival;
  arrival.keyId = entry.key.id;
  deps.watch.shows(asking, entry.key);
  const scopes = scopesOf(entry);
  if (entry.secret.expiresAtMs === null && !scopes.some(tellsCallers)) return;
  const headers = { ...corsHeaders(scopes, header("origin")), ...overlapHeaders(entry), ...loggingHeaders(scopes) };
  if (answer !== undefined) answer.carry(headers);
  else for (const [name, value] of Object.entries(headers)) asking.header?.(name, value);
}

function recognise(arrival: Arrival): Caller | Promise<Caller> {
  const { asking, deps, header } = arrival;
  if (deps.running.closing) throw new GatewayError("shutting_down", "This gateway is stopping. Try again.");
  const secret = presentedSecret(header, asking.req.url);
  if (secret.startsWith("tp_admin_")) {
    throw new GatewayError(
      "permission_denied",
      "This is an administrator's key. It manages keys and can't call models; use a customer's key here.",
    );
  }
  const address = clientAddress(deps.peerAddress(asking), header("x-forwarded-for"), deps.trustedProxies);
  const found = deps.ring.lookup(secret);
  if (found === null || found instanceof Promise) return recogniseLater(found, { secret, address }, arrival);
  return letIn(found, address, arrival);
}

interface Shown {
  readonly secret: string;
  readonly address: string | null;
}

/** What must be read first, or may be a workload's token. */
async function recogniseLater(
  found: Promise<KeyEntry | null> | null,
  { secret, address }: Shown,
  arrival: Arrival,
): Promise<Caller> {
  const { asking, deps } = arrival;
  const entry = (await found) ?? (await adopted(secret, originOf(asking, deps), deps));
  if (entry === null) throw refused(deps, address);
  return letIn(entry, address, arrival);
}

function letIn(entry: KeyEntry, address: string | null, arrival: Arrival): Caller | Promise<Caller> {
  greet(entry, arrival);
  if (isSuspended(entry.customer) || isSuspended(entry.project) || isSuspended(entry.rule)) throw keySuspended();
  const { limits } = arrival.deps;
  const scopes = scopesOf(entry);
  if (limits.primed(scopes)) return callerOf(entry, address, arrival);
  return limits.prime(scopes).then(() => callerOf(entry, address, arrival));
}

function isSuspended(level: KeyEntry["customer" | "project" | "rule"]): boolean {
  return level?.status === "suspended";
}

function callerOf(entry: KeyEntry, address: string | null, { deps, header }: Arrival): Caller {
  const scopes = scopesOf(entry);
  checkCaller(scopes, { address, origin: header("origin"), referer: header("referer"), nowMs: deps.clock.now() });
  deps.watch.admits(entry.key, address);
  return { key: entry.key, secret: entry.secret, scopes, tariff: tariffOf(entry) };
}

/** Whether a policy asks for headers of its own. */
function tellsCallers({ policy }: Scope): boolean {
  return policy.origins !== null || policy.promptLogging !== null;
}

function loggingHeaders(scopes: readonly Scope[]): Record<string, string> {
  return promptLoggingOf(scopes) === null ? {} : { "x-turnpike-logging": "on" };
}

/**
 * To callers that still use an old secret: until when it works (ours, ISO 8601; RFC 8594 `sunset`), and since when there is
 * another (RFC 9745 `deprecation`).
 */
function overlapHeaders({ key, secret }: Pick<Caller, "key" | "secret">): Record<string, string> {
  if (secret.expiresAtMs === null) return {};
  const ends = new Date(secret.expiresAtMs);
  return {
    "x-turnpike-key-expires": ends.toISOString(),
    sunset: ends.toUTCString(),
    ...(key.rotatedAtMs !== null && { deprecation: `@${Math.floor(key.rotatedAtMs / 1_000)}` }),
  };
}

/** Whoever holds a right key is never counted: nobody can lock another one out. */
function refused({ failures }: ApiDeps, address: string | null): GatewayError {
  const retryAfterMs = failures.failed(address === null ? "unknown" : networkOf(address));
  if (retryAfterMs === null) return invalidApiKey();
  return new GatewayError("rate_limit_exceeded", "Too many requests with unknown keys. Wait a while.", {
    retryAfterMs,
  });
}
