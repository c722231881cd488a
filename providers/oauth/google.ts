// Google Cloud's identity: a credential of Google's, or one of another cloud, or the machine's own, exchanged for access tokens.
import { secretFromEnvironment } from "../aws/secret.ts";
import { type Authorize, type Environment, type ProviderDefinition, variable } from "../define.ts";
import { withBearer } from "./bearer.ts";
import { failure } from "./exchange.ts";
import { grantOf, read, text } from "./google-credential.ts";
import { externalToken, provesAws } from "./google-external.ts";
import { metadataToken } from "./google-metadata.ts";
import { Tokens } from "./tokens.ts";

export interface GoogleOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The text of a credential's file. */
const json = "GOOGLE_APPLICATION_CREDENTIALS_JSON";
const env = ["GOOGLE_VERTEX_ACCESS_TOKEN", json];

/** How the machine's own identity is written as a secret, with the metadata server's host behind it. */
const metadata = "metadata:";
const metadataHost = "metadata.google.internal";

/** An access token, or a credential, from the environment or from the file where Google's own tools keep it. */
export function googleCloud(options: GoogleOptions = {}): ProviderDefinition["auth"] {
  return {
    env,
    fromEnv: secretFrom,
    file: { path: "GOOGLE_APPLICATION_CREDENTIALS", text: json },
    authorize: googleAuth(options),
  };
}

/**
 * The machine's own identity is taken where the environment tells of one: on Cloud Run (`K_SERVICE`), at a metadata server that
 * is named (`GCE_METADATA_HOST`), or when `GOOGLE_VERTEX_METADATA` is `true`, as machines and pods do not tell of theirs.
 */
function secretFrom(env: Environment): string | null {
  const given = variable(env, "GOOGLE_VERTEX_ACCESS_TOKEN", json);
  if (given !== null) return withAws(given, env);
  const host = variable(env, "GCE_METADATA_HOST");
  const wanted =
    host !== null || variable(env, "K_SERVICE") !== null || variable(env, "GOOGLE_VERTEX_METADATA") === "true";
  return wanted ? `${metadata}${host ?? metadataHost}` : null;
}

/** A credential for an identity of AWS's is proved with what this environment has of AWS. */
function withAws(secret: string, env: Environment): string {
  const credential = read(secret);
  const aws = provesAws(credential) ? secretFromEnvironment({ ...env, AWS_BEARER_TOKEN_BEDROCK: undefined }) : null;
  return aws === null ? secret : JSON.stringify({ ...credential, aws });
}

/** The project that calls are made in: named by the environment, or the credential's own. */
export function googleProject(env: Environment): string | null {
  const named = variable(env, "GOOGLE_VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT");
  if (named !== null) return named;
  const { project_id, quota_project_id } = read(variable(env, json) ?? "");
  return text(project_id) ?? text(quota_project_id);
}

/**
 * `Authorization: Bearer …` with a token of the credential, fetched where there is none yet. The secret is an access token;
 * the JSON of a service account's key, of a user's (`gcloud auth application-default login`) or of an identity of another
 * cloud's (workload identity federation); or `metadata:` and a host.
 */
export function googleAuth(options: GoogleOptions = {}): Authorize {
  const tokens = new Tokens({ issuer: "Google", ...options });
  return (request, secret, machine) => {
    if (secret.startsWith(metadata)) {
      return withBearer(
        request,
        tokens.of(secret, () => metadataToken(secret.slice(metadata.length))),
      );
    }
    if (!secret.startsWith("{")) return withBearer(request, secret);
    return withBearer(
      request,
      tokens.of(secret, (nowMs) => {
        const credential = read(secret);
        if (credential.type === "external_account") return externalToken(credential, { nowMs, machine });
        const grant = grantOf(credential, nowMs);
        if (grant !== null) return grant;
        const known = "a service account's key, a user's, or one of another cloud's identity";
        throw failure("authentication", `The Google credential is not ${known}.`);
      }),
    );
  };
}
