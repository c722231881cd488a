// CORS: pages of browsers may use a key where its policy says so. No cookie is ever read here, so nothing rides on a user's session.
import type { Context, Next } from "hono";
import { matchesAny } from "../limits/pattern.ts";
import type { Scope } from "../limits/policy.ts";

/** What clients send: the official SDKs of OpenAI, Anthropic and Google, those built on them, and plain `fetch`. */
const requestHeaders = [
  "accept",
  "api-key",
  "anthropic-*",
  "authorization",
  "content-type",
  "http-referer",
  "idempotency-key",
  "openai-*",
  "user-agent",
  "x-api-key",
  "x-app",
  "x-goog-api-client",
  "x-goog-api-key",
  "x-request-id",
  "x-stainless-*",
  "x-title",
];

/** How long a browser may remember a preflight, seconds: the most that Chromium does (WHATWG Fetch leaves it to browsers). */
const maxAgeS = 7_200;

/**
 * Answers a preflight (Fetch, "CORS-preflight request"). It shows no key, so it lets any page ask: whether the page may read the
 * answer is said by the answer itself. Anything else goes on.
 */
export async function preflight(c: Context, next: Next): Promise<Response | undefined> {
  const origin = c.req.header("origin");
  if (origin === undefined || c.req.header("access-control-request-method") === undefined) {
    await next();
    return;
  }
  const asked = (c.req.header("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const allowed = asked.filter((name) => /^[a-z0-9-]+$/.test(name) && matchesAny(requestHeaders, name));
  return c.body(null, 204, {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, DELETE",
    ...(allowed.length > 0 && { "access-control-allow-headers": allowed.join(", ") }),
    "access-control-max-age": String(maxAgeS),
    vary: "origin, access-control-request-method, access-control-request-headers",
  });
}

/** The headers by which a page reads an answer: only where every policy of the key that lists origins lists the page's. */
export function corsHeaders(scopes: readonly Scope[], origin: string | null): Record<string, string> {
  const lists = scopes.flatMap(({ policy }) => (policy.origins === null ? [] : [policy.origins]));
  if (lists.length === 0) return {};
  const listed = origin !== null && origin !== "null" && lists.every((list) => matchesAny(list, origin));
  if (!listed) return { vary: "origin" };
  return { vary: "origin", "access-control-allow-origin": origin, "access-control-expose-headers": "*" };
}
