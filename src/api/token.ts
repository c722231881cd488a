// POST /v1/token: a workload's token for a short-lived key (OAuth 2.0 Token Exchange, RFC 8693).
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import { operations } from "../gateway/operations.ts";
import { Denial } from "../identity/denial.ts";
import type { Wish } from "../identity/workloads.ts";
import { networkOf } from "../limits/addresses.ts";
import type { ApiDeps } from "./deps.ts";
import { originOf } from "./origin.ts";

/** A form with a token of the largest size, and little else. */
const maxBodyBytes = 32 * 1024;
const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const tokenType = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;
const subjectTypes = [tokenType("jwt"), tokenType("id_token")];
const issuedType = tokenType("access_token");
/** RFC 6749, section 5.1. */
const noStore = { "cache-control": "no-store", pragma: "no-cache" };

/** Errors are those of OAuth (RFC 6749, section 5.2), whatever a client of models would read. */
export function exchangeToken(deps: ApiDeps): (c: Context) => Promise<Response> {
  const { workloads, failures, running } = deps;
  return async (c) => {
    const origin = originOf(c, deps);
    const requestId = deps.newCallId();
    const headers = { ...noStore, "x-request-id": requestId };
    try {
      if (running.closing) throw new Denial("temporarily_unavailable", "This gateway is stopping. Try again.");
      const { scope, ...wish } = readWish(await readForm(c, deps));
      const { secret, expiresInS } = await workloads.exchange(wish, { ...origin, requestId });
      const answer = {
        access_token: secret,
        issued_token_type: issuedType,
        token_type: "Bearer",
        expires_in: expiresInS,
        ...(scope !== null && { scope }),
      };
      return c.json(answer, 200, headers);
    } catch (error) {
      const denial = error instanceof Denial ? error : unforeseen(error, requestId, deps);
      const refused = denial.error === "invalid_request" ? slowed(denial, origin.address, failures) : denial;
      const { error: code, message, retryAfterMs } = refused;
      return c.json({ error: code, error_description: message }, statusOf(refused), {
        ...headers,
        ...(retryAfterMs !== null && { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }),
      });
    }
  };
}

interface Asked extends Wish {
  readonly scope: string | null;
}

/** @throws Denial naming what of the request can't be used. */
function readWish(form: URLSearchParams): Asked {
  for (const name of form.keys()) {
    const mayRepeat = name === "audience" || name === "resource";
    if (!mayRepeat && form.getAll(name).length > 1) throw invalid(`\`${name}\` was sent more than once.`);
  }
  if (form.get("grant_type") !== grantType) {
    throw new Denial("unsupported_grant_type", `\`grant_type\` must be ${grantType}.`);
  }
  const token = form.get("subject_token") ?? "";
  if (token === "") throw invalid("`subject_token` is missing.");
  if (!subjectTypes.includes(form.get("subject_token_type") ?? "")) {
    throw invalid(`\`subject_token_type\` must be ${subjectTypes.join(" or ")}.`);
  }
  const wanted = form.get("requested_token_type") ?? issuedType;
  if (wanted !== issuedType) throw invalid(`\`requested_token_type\` can only be ${issuedType}.`);
  if (form.has("actor_token")) throw invalid("`actor_token` is not supported: nobody acts for another one here.");
  const endpoints = readScope(form.get("scope"));
  return {
    token,
    endpoints,
    targets: [...form.getAll("audience"), ...form.getAll("resource")].filter((target) => target !== ""),
    scope: endpoints?.join(" ") ?? null,
  };
}

function readScope(text: string | null): readonly string[] | null {
  const names = [...new Set((text ?? "").split(" ").filter((name) => name !== ""))];
  const unknown = names.find((name) => name !== "chat" && !Object.hasOwn(operations, name));
  if (unknown !== undefined) {
    const known = ["chat", ...Object.keys(operations)].join(", ");
    throw new Denial("invalid_scope", `\`scope\` takes names of endpoints: ${known}.`);
  }
  return names.length === 0 ? null : names;
}

async function readForm(c: Context, { openExchange }: ApiDeps): Promise<URLSearchParams> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw invalid("The request must be a form: send the header `content-type: application/x-www-form-urlencoded`.");
  }
  const body = await openExchange(c).readBody(maxBodyBytes);
  if (body === null) throw invalid("The request is too large.");
  return new URLSearchParams(body);
}

function invalid(message: string): Denial {
  return new Denial("invalid_request", message);
}

/** Those who guess are told to wait. */
function slowed(denial: Denial, address: string | undefined, failures: ApiDeps["failures"]): Denial {
  const retryAfterMs = failures.failed(address === undefined ? "unknown" : networkOf(address));
  if (retryAfterMs === null) return denial;
  return new Denial("temporarily_unavailable", "Too many tokens were refused. Wait a while.", { retryAfterMs });
}

function unforeseen(error: unknown, requestId: string, { run }: ApiDeps): Denial {
  run.report(error, requestId);
  const known = error instanceof GatewayError ? error.message : "This gateway failed. The operator's log says why.";
  return new Denial("temporarily_unavailable", known);
}

/** A request for later: 429 where the caller must slow down, 503 where we can't. */
function statusOf({ error, cause, retryAfterMs }: Denial): 400 | 429 | 503 {
  if (error !== "temporarily_unavailable") return 400;
  return cause === undefined && retryAfterMs !== null ? 429 : 503;
}
