// Where the keys of a role come from: a container's endpoint, an instance's metadata service, or AWS's token service for a web identity.
import type { Machine } from "../define.ts";
import { failure } from "../oauth/exchange.ts";
import type { Assumed, Role, WebIdentity } from "./secret.ts";
import { type AwsKeys, signV4 } from "./sigv4.ts";

/** A metadata endpoint is on the machine itself. */
const timeoutMs = 5_000;
/** How long the token of an EC2 instance's metadata service is asked to live, seconds. */
const tokenLifeS = 21_600;

const metadata = "The AWS metadata endpoint";
const tokenService = "The AWS security token service";

export interface Lease {
  readonly keys: AwsKeys;
  readonly expiresAtMs: number;
}

/**
 * @param nowMs the time of signatures, epoch milliseconds.
 * @throws ProviderError, whose message holds no secret.
 */
export async function fetchLease(role: Role, machine: Machine | undefined, nowMs: number): Promise<Lease> {
  switch (role.kind) {
    case "container": {
      if (!isNear(role.url))
        throw failure("authentication", "The AWS credentials endpoint is neither this machine's nor reached by HTTPS.");
      const token = role.tokenFile === undefined ? role.token : (await readFile(role.tokenFile, machine)).trim();
      return leaseOf(await ask(role.url, { headers: token === null ? {} : { authorization: token } }));
    }
    case "web-identity":
      return assumedRole(
        await ask(role.url, assumption(role, (await readFile(role.tokenFile, machine)).trim()), tokenService),
      );
    case "assumed": {
      const keys = "kind" in role.from ? (await fetchLease(role.from, machine, nowMs)).keys : role.from;
      return assumedRole(await ask(role.url, takenOn(role, keys, nowMs), tokenService));
    }
    case "instance": {
      const headers = await instanceHeaders(role.endpoint);
      const roles = `${role.endpoint}/latest/meta-data/iam/security-credentials/`;
      const [name = ""] = (await ask(roles, { headers })).split("\n");
      return leaseOf(await ask(`${roles}${name.trim()}`, { headers }));
    }
  }
}

/** The region of the machine that has this metadata service: its zone's name without the letter at the end. */
export async function instanceRegion(endpoint: string): Promise<string> {
  const headers = await instanceHeaders(endpoint);
  const zone = await ask(`${endpoint}/latest/meta-data/placement/availability-zone`, { headers });
  return zone.trim().replace(/[a-z]$/, "");
}

/** Version 2 of the instance metadata service: a token first. */
async function instanceHeaders(endpoint: string): Promise<Record<string, string>> {
  const token = await ask(`${endpoint}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(tokenLifeS) },
  });
  return { "x-aws-ec2-metadata-token": token };
}

/** Files are written anew while the machine runs, so they are read each time. */
async function readFile(path: string, machine: Machine | undefined): Promise<string> {
  const text = await machine?.readFile(path).catch(() => undefined);
  if (text === undefined) throw failure("authentication", "The file of the AWS identity's token can't be read.");
  return text;
}

/** AWS Security Token Service API reference, "AssumeRoleWithWebIdentity". The token is the proof; nothing is signed. */
function assumption({ roleArn, sessionName }: WebIdentity, token: string): RequestInit {
  const form = {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: token,
  };
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  };
}

/** AWS Security Token Service API reference, "AssumeRole". */
function takenOn(
  { url, region, roleArn, sessionName, externalId }: Assumed,
  keys: AwsKeys,
  nowMs: number,
): RequestInit {
  const form = {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId !== null && { ExternalId: externalId }),
  };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams(form).toString();
  const signed = signV4({ method: "POST", url: new URL(url), headers, body }, keys, { service: "sts", region, nowMs });
  return { method: "POST", headers: { ...headers, ...signed }, body };
}

/** The same members as from a metadata endpoint, in XML. */
function assumedRole(xml: string): Lease {
  const member = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  const [AccessKeyId, SecretAccessKey, Token] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(member);
  return leaseOf(JSON.stringify({ AccessKeyId, SecretAccessKey, Token, Expiration: member("Expiration") }));
}

/** Amazon ECS's and EKS's own addresses, and this machine's: a token goes in the clear to nobody else (AWS SDKs reference, "Container credential provider"). */
const nearHosts = /^(localhost|127(\.\d+){3}|\[::1\]|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

function isNear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || nearHosts.test(hostname);
}

async function ask(url: string, init: RequestInit, who = metadata): Promise<string> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    throw failure(late ? "timeout" : "network", `${who} ${late ? "did not answer in time" : "can't be reached"}.`);
  }
  const { status } = response;
  if (response.ok) return text;
  const kind = status >= 500 ? "server" : status === 429 ? "rate_limit" : "authentication";
  throw failure(kind, `${who} answered with HTTP status ${status}.`, status);
}

/** `{ AccessKeyId, SecretAccessKey, Token, Expiration }`, the same from both endpoints. */
function leaseOf(text: string): Lease {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parse(text);
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    throw failure("protocol", `${metadata} answered without keys.`);
  }
  const expiresAtMs = typeof Expiration === "string" ? Date.parse(Expiration) : Number.NaN;
  return {
    keys: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: typeof Token === "string" ? Token : null,
    },
    // Keys that do not say when they end are asked for again each time.
    expiresAtMs: Number.isNaN(expiresAtMs) ? 0 : expiresAtMs,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
