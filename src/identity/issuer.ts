// What may be an issuer, and how one is asked. Only issuers that a rule names are ever asked, never those that a token names.

/** Gets a JSON document. Rejects for what is no 200, no JSON, too large or too slow; never follows a redirect. */
export type FetchDocument = (url: string, options: FetchOptions) => Promise<unknown>;

export interface FetchOptions {
  /** PEM certificates to check the server's by; null for the machine's. */
  readonly ca: string | null;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Why a URL can't be one of an issuer; null when it can. */
export function issuerProblem(text: string): string | null {
  if (!URL.canParse(text)) return "expected a URL, exactly as the tokens' `iss` has it";
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (search !== "" || hash !== "" || username !== "" || password !== "") return "expected a URL without query or user";
  if (protocol === "https:") return null;
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return protocol === "http:" && isHere ? null : "expected https:// (http:// on this machine alone)";
}

/** Where an issuer describes itself (OpenID Connect Discovery 1.0, section 4.1). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}
