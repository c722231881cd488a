// Google Cloud's identity: a service account's or a user's credential, exchanged for access tokens.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { type Authorize, type Environment, type ProviderDefinition, variable } from "../define.ts";
import { withBearer } from "./bearer.ts";
import { failure, type Grant } from "./exchange.ts";
import { Tokens } from "./tokens.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";
/** Where credentials name no other (developers.google.com, "Using OAuth 2.0 for Server to Server Applications"). */
const tokenUri = "https://oauth2.googleapis.com/token";
/** An assertion may live this long at most, seconds. */
const assertionLifeS = 3600;

/** What a credential is made of, as Google's tools write it into a file; every member may be missing. */
interface Credential {
  readonly type?: unknown;
  readonly project_id?: unknown;
  readonly quota_project_id?: unknown;
  readonly client_email?: unknown;
  readonly private_key?: unknown;
  readonly private_key_id?: unknown;
  readonly token_uri?: unknown;
  readonly client_id?: unknown;
  readonly client_secret?: unknown;
  readonly refresh_token?: unknown;
}

export interface GoogleOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The text of a credential's file. */
const json = "GOOGLE_APPLICATION_CREDENTIALS_JSON";
const env = ["GOOGLE_VERTEX_ACCESS_TOKEN", json];

/** An access token, or a credential, from the environment or from the file where Google's own tools keep it. */
export function googleCloud(options: GoogleOptions = {}): ProviderDefinition["auth"] {
  return { env, file: { path: "GOOGLE_APPLICATION_CREDENTIALS", text: json }, authorize: googleAuth(options) };
}

/** The project that calls are made in: named by the environment, or the credential's own. */
export function googleProject(env: Environment): string | null {
  const named = variable(env, "GOOGLE_VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT");
  if (named !== null) return named;
  const { project_id, quota_project_id } = read(variable(env, json) ?? "");
  return text(project_id) ?? text(quota_project_id);
}

/**
 * `Authorization: Bearer …` with a token of the credential, fetched where there is none yet. The secret is an access token,
 * or the JSON of a service account's key or of a user's (`gcloud auth application-default login`).
 */
export function googleAuth(options: GoogleOptions = {}): Authorize {
  const tokens = new Tokens({ issuer: "Google", ...options });
  return (request, secret) => {
    const isToken = !secret.startsWith("{");
    return withBearer(request, isToken ? secret : tokens.of(secret, (nowMs) => grantOf(read(secret), nowMs)));
  };
}

function grantOf(credential: Credential, nowMs: number): Grant {
  const url = text(credential.token_uri) ?? tokenUri;
  const client_id = text(credential.client_id);
  const client_secret = text(credential.client_secret);
  const refresh_token = text(credential.refresh_token);
  if (client_id !== null && client_secret !== null && refresh_token !== null) {
    return { url, form: { grant_type: "refresh_token", client_id, client_secret, refresh_token } };
  }
  const email = text(credential.client_email);
  const key = text(credential.private_key);
  if (email === null || key === null) {
    throw failure("authentication", "The Google credential is neither a service account's key nor a user's.");
  }
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

function read(credential: string): Credential {
  try {
    return (JSON.parse(credential) ?? {}) as Credential;
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
