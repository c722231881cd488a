// Workload identity federation: a token of another cloud or issuer is exchanged for one of Google's (RFC 8693; AIP-4117, "External account
// credentials").
import { awsSubjectToken } from "../aws/subject-token.ts";
import type { Machine } from "../define.ts";
import { askIssuer, failure, fetchToken, type Issued, issued, parse } from "./exchange.ts";
import { type Credential, scope, text } from "./google-credential.ts";

const issuer = "Google";
const tokenUrl = "https://sts.googleapis.com/v1/token";
/** Of a service account that is impersonated, seconds; the credential may say another. */
const impersonationLifeS = 3600;

export interface External {
  readonly nowMs: number;
  readonly machine: Machine | undefined;
}

/**
 * The token of the other side, exchanged at Google's security token service, and where the credential says so for a service
 * account's. @throws ProviderError.
 */
export async function externalToken(credential: Credential, external: External): Promise<Issued> {
  const audience = text(credential.audience);
  const subjectType = text(credential.subject_token_type);
  if (audience === null || subjectType === null) {
    throw failure(
      "authentication",
      "The Google credential of another identity lacks its audience or its token's type.",
    );
  }
  const project = text(credential.workforce_pool_user_project);
  const federated = await fetchToken(
    {
      url: text(credential.token_url) ?? tokenUrl,
      form: {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        audience,
        scope,
        subject_token_type: subjectType,
        subject_token: await subjectToken(credential, audience, external),
        ...(project !== null && { options: JSON.stringify({ userProject: project }) }),
      },
      headers: clientHeaders(credential),
    },
    issuer,
  );
  const impersonation = text(credential.service_account_impersonation_url);
  return impersonation === null ? federated : impersonate(impersonation, federated.token, { credential, ...external });
}

/** A client of its own proves itself as any does (RFC 6749, section 2.3.1). */
function clientHeaders(credential: Credential): Record<string, string> {
  const [id, secret] = [text(credential.client_id), text(credential.client_secret)];
  if (id === null || secret === null) return {};
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
}

/** IAM Service Account Credentials API, `generateAccessToken`. */
async function impersonate(
  url: string,
  token: string,
  { credential, nowMs }: External & { readonly credential: Credential },
): Promise<Issued> {
  const asked = Number(members(credential.service_account_impersonation).token_lifetime_seconds);
  const answer = parse(
    await askIssuer(issuer, url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ scope: [scope], lifetime: `${asked > 0 ? asked : impersonationLifeS}s` }),
    }),
  );
  return issued(answer.accessToken, (Date.parse(String(answer.expireTime)) - nowMs) / 1000, issuer);
}

/** Whether the identity is AWS's. */
export function provesAws({ credential_source }: Credential): boolean {
  return /^aws\d+$/.test(text(members(credential_source).environment_id) ?? "");
}

async function subjectToken(credential: Credential, audience: string, { nowMs, machine }: External): Promise<string> {
  const source = members(credential.credential_source);
  const file = text(source.file);
  const url = text(source.url);
  if (provesAws(credential)) {
    return awsSubjectToken({ ...source, aws: credential.aws }, { audience, nowMs, machine });
  }
  if (file !== null) return tokenIn(await readFile(file, machine), source.format);
  if (url !== null) {
    const headers = source.headers as Record<string, string> | undefined;
    return tokenIn(await askIssuer("The identity", url, headers === undefined ? {} : { headers }), source.format);
  }
  throw failure("authentication", "The Google credential's source is neither a file, nor a URL, nor AWS.");
}

async function readFile(path: string, machine: Machine | undefined): Promise<string> {
  if (machine === undefined)
    throw failure("authentication", "The Google credential names a file, and there are none here.");
  return machine.readFile(path).catch(() => {
    throw failure("authentication", "The file that the Google credential names can't be read.");
  });
}

/** As it is, or a member of JSON. */
function tokenIn(content: string, format: unknown): string {
  const { type, subject_token_field_name: field } = members(format);
  const token = type === "json" ? text(parse(content)[String(field)]) : text(content.trim());
  if (token === null) throw failure("authentication", "The source of the Google credential holds no token.");
  return token;
}

function members(value: unknown): Credential {
  return typeof value === "object" && value !== null ? (value as Credential) : {};
}
