// AWS Secrets Manager, and the Parameter Store of AWS Systems Manager.
import { RoleKeys } from "../../../providers/aws/role.ts";
import {
  instanceEndpoint,
  type Role,
  readSecret,
  secretFromEnvironment,
  tokenServiceOf,
} from "../../../providers/aws/secret.ts";
import { type AwsKeys, signV4 } from "../../../providers/aws/sigv4.ts";
import { variable } from "../../../providers/define.ts";
import type { Content } from "./content.ts";
import { type Answer, ask, objectOf, refusal } from "./http.ts";
import { type Manager, ManagerError, type ManagerHost, type Reading } from "./manager.ts";
import type { Reference } from "./reference.ts";

/** A service of AWS's JSON protocol, and how a secret is asked for there. */
interface Service {
  readonly name: string;
  /** For messages. */
  readonly who: string;
  /** Names the variable of its endpoint. */
  readonly endpoint: string;
  readonly target: string;
  bodyOf(reference: Reference): Readonly<Record<string, unknown>>;
  readingOf(body: Readonly<Record<string, unknown>>): Pick<Reading, "content" | "version"> | null;
}

/** AWS Secrets Manager API reference, "GetSecretValue". A version is an id, or a stage such as AWSPREVIOUS. */
const secretsManager: Service = {
  name: "secretsmanager",
  who: "AWS Secrets Manager",
  endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  target: "secretsmanager.GetSecretValue",
  bodyOf: ({ address, version }) => ({
    SecretId: address,
    ...(version !== null && { [/^[0-9a-f-]{32,64}$/i.test(version) ? "VersionId" : "VersionStage"]: version }),
  }),
  readingOf: ({ SecretString, SecretBinary, VersionId }) => {
    const content = contentOf(SecretString) ?? contentOf(SecretBinary, "base64");
    return content === null ? null : { content, version: contentOf(VersionId) };
  },
};

/** AWS Systems Manager API reference, "GetParameter". A version is a number or a label, behind a colon. */
const parameterStore: Service = {
  name: "ssm",
  who: "AWS Systems Manager",
  endpoint: "AWS_ENDPOINT_URL_SSM",
  target: "AmazonSSM.GetParameter",
  bodyOf: ({ address, version }) => ({
    Name: version === null ? address : `${address}:${version}`,
    WithDecryption: true,
  }),
  readingOf: ({ Parameter }) => {
    const { Value, Version } = objectOf(Parameter);
    const content = contentOf(Value);
    return content === null ? null : { content, version: Version === undefined ? null : String(Version) };
  },
};

export function awsManager(host: ManagerHost): Manager {
  const { env } = host;
  const roles = new RoleKeys({ now: host.now });
  const machine = { readFile: host.readFile };

  /** The keys of the last role of the chain that begins with what this machine is. */
  function keysFor({ options }: Reference, region: string): AwsKeys | Promise<AwsKeys> {
    let identity: AwsKeys | Role = ownIdentity(env);
    const chain = options.role ?? variable(env, "TURNPIKE_AWS_ROLES") ?? "";
    for (const roleArn of chain.split(",").filter((arn) => arn !== "")) {
      identity = {
        kind: "assumed",
        from: identity,
        url: tokenServiceOf({ ...env, AWS_REGION: region }),
        region,
        roleArn,
        sessionName: variable(env, "AWS_ROLE_SESSION_NAME") ?? "turnpike",
        externalId: options.external_id ?? null,
      };
    }
    return "kind" in identity ? roles.of(identity, machine) : identity;
  }

  return {
    async read(reference): Promise<Reading> {
      const service = reference.scheme === "aws-ssm" ? parameterStore : secretsManager;
      const region = regionOf(reference, env);
      const url = new URL(endpointOf(service, region, env));
      const body = JSON.stringify(service.bodyOf(reference));
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": service.target };
      const signed = signV4({ method: "POST", url, headers, body }, await keysFor(reference, region), {
        service: service.name,
        region,
        nowMs: host.now(),
      });
      const answer = await ask(service.who, url.href, { method: "POST", headers: { ...headers, ...signed }, body });
      if (answer.status !== 200) throw refused(service, answer);
      const reading = service.readingOf(answer.body);
      if (reading === null) throw new ManagerError("missing", `${service.who} answered without a value.`);
      return { ...reading, endsAtMs: null };
    },
  };
}

/** An access key, a web identity, a container's role; else the instance's, unless AWS_EC2_METADATA_DISABLED is true. */
export function ownIdentity(env: ManagerHost["env"]): AwsKeys | Role {
  const secret = secretFromEnvironment({ ...env, AWS_BEARER_TOKEN_BEDROCK: undefined });
  const read = secret === null ? null : readSecret(secret);
  if (read?.kind === "keys") return read.keys;
  if (read?.kind === "role") return read.role;
  if (variable(env, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
    throw new ManagerError(
      "settings",
      "There is no AWS identity here: no access key, web identity, container's or instance's role.",
    );
  }
  return { kind: "instance", endpoint: variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? instanceEndpoint };
}

/** Of the reference, of its ARN, or of the environment. */
function regionOf({ address, options }: Reference, env: ManagerHost["env"]): string {
  const inArn = address.startsWith("arn:") ? address.split(":")[3] : undefined;
  const region = options.region ?? inArn ?? variable(env, "AWS_REGION", "AWS_DEFAULT_REGION");
  if (region !== null && /^[a-z0-9-]+$/.test(region)) return region;
  throw new ManagerError("settings", "AWS_REGION, or ?region= of the reference, must say in which region it is.");
}

function endpointOf({ name, endpoint }: Service, region: string, env: ManagerHost["env"]): string {
  const given = variable(env, endpoint, "AWS_ENDPOINT_URL");
  if (given !== null) return `${given.replace(/\/+$/, "")}/`;
  return `https://${name}.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`;
}

function refused({ who }: Service, answer: Answer): ManagerError {
  const type = String(answer.body.__type ?? "").replace(/^.*#/, "");
  if (/Throttl|TooManyRequests|InternalService/.test(type))
    return new ManagerError("away", `${who} is busy (${type}).`);
  const { kind, message } = refusal(who, answer, type);
  return new ManagerError(/NotFound/.test(type) ? "missing" : kind, message);
}

function contentOf(value: unknown, encoding: BufferEncoding = "utf8"): Extract<Content, string> | null {
  return typeof value === "string" ? Buffer.from(value, encoding).toString("utf8") : null;
}
