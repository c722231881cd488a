// The forms in which an AWS credential is written as one secret.
import { type Environment, variable } from "../define.ts";
import type { AwsKeys } from "./sigv4.ts";

/**
 * - `bearer`: an Amazon Bedrock API key, sent as it is.
 * - `keys`: an access key.
 * - `role`: a role of the machine or of what runs on it, whose temporary keys are asked for.
 */
export type AwsSecret =
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "keys"; readonly keys: AwsKeys; readonly region: string | null }
  | { readonly kind: "role"; readonly role: Role; readonly region: string | null };

export type Role = Container | WebIdentity | Assumed | { readonly kind: "instance"; readonly endpoint: string };

/** ECS, and EKS pod identities, whose token stands in a file. */
export interface Container {
  readonly kind: "container";
  readonly url: string;
  readonly token: string | null;
  readonly tokenFile?: string;
}

/** A token of another issuer (Kubernetes), in a file, for a role of AWS. */
export interface WebIdentity {
  readonly kind: "web-identity";
  /** The security token service. */
  readonly url: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tokenFile: string;
}

/** A role that another identity may take on; of several, each is taken on by the one before. */
export interface Assumed {
  readonly kind: "assumed";
  readonly from: AwsKeys | Role;
  /** The security token service, and the region that its signatures are scoped to. */
  readonly url: string;
  readonly region: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** What the role's owner agreed on with whoever takes it on; null for nothing. */
  readonly externalId: string | null;
}

/** ECS answers at this host (Amazon ECS documentation, "Task IAM role"). */
const containerHost = "http://169.254.170.2";
/** EC2 answers here (Amazon EC2 documentation, "Instance metadata"). */
export const instanceEndpoint = "http://169.254.169.254";

/**
 * `ACCESS_KEY_ID:SECRET[:SESSION_TOKEN[:REGION]]`; `role:` and a JSON object, as `secretFromEnvironment` makes it; else
 * a Bedrock API key. A region is for base URLs that name none.
 */
export function readSecret(secret: string): AwsSecret {
  if (secret.startsWith(rolePrefix)) {
    const { region = null, ...role } = JSON.parse(secret.slice(rolePrefix.length)) as Role & { region?: string };
    return { kind: "role", role: role as Role, region };
  }
  const [accessKeyId, secretAccessKey, sessionToken, region] = secret.split(":");
  if (accessKeyId === undefined || secretAccessKey === undefined) return { kind: "bearer", token: secret };
  const keys = { accessKeyId, secretAccessKey, sessionToken: sessionToken || null };
  return { kind: "keys", keys, region: region || null };
}

const rolePrefix = "role:";

/**
 * What the environment holds, in the order of AWS's own tools: a Bedrock API key, an access key, a web identity
 * (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`), the role of a container (`AWS_CONTAINER_CREDENTIALS_*`). An EC2 instance's role is taken only when `AWS_EC2_METADATA_DISABLED` is
 * `false`: no variable tells that the machine has one, and asking would delay every start elsewhere.
 */
export function secretFromEnvironment(env: Environment): string | null {
  const token = variable(env, "AWS_BEARER_TOKEN_BEDROCK");
  if (token !== null) return token;
  const region = regionFromEnvironment(env);
  const accessKeyId = variable(env, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable(env, "AWS_SECRET_ACCESS_KEY");
  if (accessKeyId !== null && secretAccessKey !== null) {
    return [accessKeyId, secretAccessKey, variable(env, "AWS_SESSION_TOKEN") ?? "", region ?? ""].join(":");
  }
  const role = roleFromEnvironment(env);
  return role === null ? null : `${rolePrefix}${JSON.stringify({ ...role, ...(region !== null && { region }) })}`;
}

export function regionFromEnvironment(env: Environment): string | null {
  return variable(env, "AWS_REGION", "AWS_DEFAULT_REGION");
}

function roleFromEnvironment(env: Environment): Role | null {
  const identity = webIdentity(env);
  if (identity !== null) return identity;
  const relative = variable(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const full = variable(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const url = relative === null ? full : `${containerHost}${relative}`;
  if (url !== null) {
    const tokenFile = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const token = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    return { kind: "container", url, token, ...(tokenFile !== null && { tokenFile }) };
  }
  if (variable(env, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() !== "false") return null;
  return { kind: "instance", endpoint: variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? instanceEndpoint };
}

function webIdentity(env: Environment): WebIdentity | null {
  const tokenFile = variable(env, "AWS_WEB_IDENTITY_TOKEN_FILE");
  const roleArn = variable(env, "AWS_ROLE_ARN");
  if (tokenFile === null || roleArn === null) return null;
  return {
    kind: "web-identity",
    url: tokenServiceOf(env),
    roleArn,
    sessionName: variable(env, "AWS_ROLE_SESSION_NAME") ?? "turnpike",
    tokenFile,
  };
}

/** The security token service of the environment's region. */
export function tokenServiceOf(env: Environment): string {
  const region = regionFromEnvironment(env);
  const own =
    region === null ? "sts.amazonaws.com" : `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const given = variable(env, "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL");
  return `${given?.replace(/\/+$/, "") ?? `https://${own}`}/`;
}
