// Credentials that Google issued itself: a service account's key and a user's, as the grants that Google's token endpoint takes.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { failure, type Grant, parse } from "./exchange.ts";

export const scope = "https://www.googleapis.com/auth/cloud-platform";
/** Where credentials name no other (developers.google.com, "Using OAuth 2.0 for Server to Server Applications"). */
const tokenUri = "https://oauth2.googleapis.com/token";
/** An assertion may live this long at most, seconds. */
const assertionLifeS = 3600;

/** What a credential is made of, as Google's tools write it into a file; any member may be missing. */
export type Credential = Readonly<Record<string, unknown>>;

/** Null when it is neither. */
export function grantOf(credential: Credential, nowMs: number): Grant | null {
  const url = text(credential.token_uri) ?? tokenUri;
  const client_id = text(credential.client_id);
  const client_secret = text(credential.client_secret);
  const refresh_token = text(credential.refresh_token);
  if (client_id !== null && client_secret !== null && refresh_token !== null) {
    return { url, form: { grant_type: "refresh_token", client_id, client_secret, refresh_token } };
  }
  const email = text(credential.client_email);
  const key = text(credential.private_key);
  if (email === null || key === null) return null;
  const assertion = jwt(
    { alg: "RS256", typ: "JWT", ...(text(credential.private_key_id) !== null && { kid: credential.private_key_id }) },
    { iss: email, scope, aud: url, iat: Math.floor(nowMs / 1000), exp: Math.floor(nowMs / 1000) + assertionLifeS },
    privateKey(key),
  );
  return { url, form: { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion } };
}

/** Signed with RS256 (RFC 7515, RFC 7518 section 3.3). */
function jwt(header: object, claims: object, key: KeyObject): string {
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

/** Line breaks may have been written as `\n` on their way through an environment. */
function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch {
    throw failure("authentication", "The private key of the Google service account can't be read.");
  }
}

/** The members of a credential's text; none of what is no JSON object. */
export function read(credential: string): Credential {
  return parse(credential);
}

/** A text with something in it. */
export function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
