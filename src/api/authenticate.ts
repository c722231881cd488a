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

/**
 * The caller of a request. From here on the answer tells, whatever it will be, what the key's holder must know of the key.
 * @param answer where it is not Hono's own.
 * @throws GatewayError as `presentedSecret`, what the key ring refuses with, and what `checkCaller` does;
 * `rate_limit_exceeded` after too many unknown keys.
 */
export async function authenticate(c: Asking, deps: ApiDeps, answer?: Pick<HttpExchange, "carry">): Promise<Caller> {
  const presented: Presented = { keyId: null };
  try {
    return await recognise(c, deps, answer, presented);
  } catch (error) {
    const entry = refusedEntry(error);
    if (entry !== null) greet(entry, c, deps, answer, presented);
    tellOfRefusal(error, c, deps, presented.keyId);
    throw error;
  }
}

/** Whose key was shown, as soon as that is known, whatever comes of it. */
interface Presented {
  keyId: string | null;
}

/** From here on the answer tells what the key's holder must know of the key, and it is counted for that key. */
function greet(
  entry: KeyEntry,
  c: Asking,
  deps: ApiDeps,
  answer: Pick<HttpExchange, "carry"> | undefined,
  presented: Presented,
): void {
  presented.keyId = entry.key.id;
  deps.watch.shows(c, entry.key);
  const scopes = scopesOf(entry);
  if (entry.secret.expiresAtMs === null && !scopes.some(tellsCallers)) return;
  const origin = c.req.header("origin") ?? null;
  const headers = { ...corsHeaders(scopes, origin), ...overlapHeaders(entry), ...loggingHeaders(scopes) };
  if (answer !== undefined) answer.carry(headers);
  else for (const [name, value] of Object.entries(headers)) c.header?.(name, value);
}

async function recognise(
  c: Asking,
  deps: ApiDeps,
  answer: Pick<HttpExchange, "carry"> | undefined,
  presented: Presented,
): Promise<Caller> {
  const { ring, running, limits, trustedProxies, peerAddress, clock } = deps;
  if (running.closing) throw new GatewayError("shutting_down", "This gateway is stopping. Try again.");
  const header = (name: string): string | null => c.req.header(name) ?? null;
  const secret = presentedSecret(header, c.req.url);
  if (secret.startsWith("tp_admin_")) {
    throw new GatewayError(
      "permission_denied",
      "This is an administrator's key. It manages keys and can't call models; use a customer's key here.",
    );
  }
  const address = clientAddress(peerAddress(c), header("x-forwarded-for"), trustedProxies);
  const found = ring.lookup(secret);
  const known = found instanceof Promise ? await found : found;
  const entry = known ?? (await adopted(secret, originOf(c, deps), deps));
  if (entry === null) throw refused(deps, address);
  greet(entry, c, deps, answer, presented);
  const scopes = scopesOf(entry);
  if ([entry.customer, entry.project, entry.rule].some((level) => level?.status === "suspended")) throw keySuspended();
  if (!limits.primed(scopes)) await limits.prime(scopes);
  checkCaller(scopes, { address, origin: header("origin"), referer: header("referer"), nowMs: clock.now() });
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
