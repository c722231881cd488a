// One exchange with a token endpoint (RFC 6749, sections 4 and 5): a grant goes in, an access token or a failure comes out.
import { type FailureKind, ProviderError } from "../dialects/failure.ts";

/** How long a token endpoint may take, milliseconds. */
export const tokenTimeoutMs = 10_000;
/** For tokens that do not say how long they live. */
const unknownLifeMs = 5 * 60_000;

/** What to ask a token endpoint for. */
export interface Grant {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  /** Beside those of a form, where the client proves itself in one. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Issued {
  readonly token: string;
  readonly lifeMs: number;
}

/**
 * @param issuer Who issues the token, for messages.
 * @throws ProviderError of kind `authentication` when the grant is refused, else of the kind of what went wrong. Of the
 * endpoint's answer its message holds the error code alone: descriptions may repeat parts of a credential.
 */
export async function fetchToken({ url, form, headers }: Grant, issuer: string): Promise<Issued> {
  const text = await askIssuer(issuer, url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  });
  const { access_token: token, expires_in: life } = parse(text);
  return issued(token, life, issuer);
}

/**
 * A token and its life as an issuer told them.
 * @throws ProviderError of kind `protocol` when there is no token.
 */
export function issued(token: unknown, lifeS: unknown, issuer: string): Issued {
  if (typeof token !== "string" || token === "") {
    throw failure("protocol", `${issuer}'s token endpoint answered without a token.`);
  }
  // Some issuers write the number as text.
  const seconds = Number(lifeS);
  return { token, lifeMs: seconds > 0 ? seconds * 1000 : unknownLifeMs };
}

/**
 * The text of an issuer's answer to a request that holds a credential, or is for one.
 * @throws ProviderError as `fetchToken` does.
 */
export async function askIssuer(issuer: string, url: string, init: RequestInit): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      ...init,
      // A credential is posted to the address that the operator gave, and to no other.
      redirect: "manual",
      signal: AbortSignal.timeout(tokenTimeoutMs),
    });
    text = await response.text();
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    throw failure(
      late ? "timeout" : "network",
      `${issuer}'s token endpoint ${late ? "did not answer in time" : "can't be reached"}.`,
    );
  }
  const { status } = response;
  if (response.ok) return text;
  const { error } = parse(text);
  const code = typeof error === "string" && /^[\w.-]{1,64}$/.test(error) ? error : null;
  const said = code === null ? "" : ` (${code})`;
  throw failure(kindOf(status), `${issuer}'s token endpoint answered with HTTP status ${status}${said}.`, status, code);
}

function kindOf(status: number): FailureKind {
  if (status === 429) return "rate_limit";
  if (status >= 500) return "server";
  return status >= 400 ? "authentication" : "protocol";
}

/** A failure on the way to a token. */
export function failure(
  kind: FailureKind,
  message: string,
  status: number | null = null,
  code: string | null = null,
): ProviderError {
  return new ProviderError({ kind, message, status, code, param: null, retryAfterMs: null });
}

/** The members of a JSON object; none of what is no object. */
export function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
