// A strict AWS: Secrets Manager, Parameter Store and the security token service at one address, and the endpoints of machines' roles.
// Every signature is verified.
import { randomBytes, randomUUID } from "node:crypto";
import { type Asked, Refused, type Served, serveManager, type Told } from "./serve.ts";
import { type SigningKey, signatureFault } from "./sigv4.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface AwsServer extends Served {
  /** The user's long-lived key, which may read what its policy says. */
  readonly user: SigningKey;
  /** Who may take on which role: an identity's name, and what the role's owner agreed on. */
  trust(role: string, by: string, externalId?: string): void;
  /** The identities that may read secrets; all when empty. */
  readonly readers: Set<string>;
  /** Makes a version AWSCURRENT, and the one before AWSPREVIOUS. Returns its id. */
  put(name: string, value: string | Uint8Array): string;
  putParameter(name: string, value: string): void;
  /** What a container's token file must hold. */
  readonly containerToken: string;
  /** Answers the next requests to Secrets Manager with `ThrottlingException`. */
  throttle(times: number): void;
}

interface Version {
  readonly id: string;
  readonly value: string | Uint8Array;
}

const region = "eu-central-1";
const wrong = (why: string, type: string, status = 400): Refused =>
  new Refused(why, { status, body: { __type: `com.amazon.coral.service#${type}`, Message: why } });

export async function startAwsServer(issuer?: TokenIssuer): Promise<AwsServer> {
  const keys = new Map<string, SigningKey & { readonly name: string }>();
  const secrets = new Map<string, Version[]>();
  const parameters = new Map<string, string[]>();
  const trusts = new Map<string, { readonly by: string; readonly externalId: string | undefined }>();
  const readers = new Set<string>();
  const metadataTokens = new Set<string>();
  const containerToken = randomUUID();
  const own = { throttled: 0 };

  function newKey(name: string, isTemporary = true): SigningKey {
    const key = {
      name,
      accessKeyId: `${isTemporary ? "ASIA" : "AKIA"}${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      ...(isTemporary && { sessionToken: randomBytes(60).toString("base64") }),
    };
    keys.set(key.accessKeyId, key);
    return key;
  }
  const user = newKey("user", false);

  /** The name of who signed. */
  async function signer(asked: Asked, service: string): Promise<string> {
    const fault = await signatureFault(asked, (id) => keys.get(id), { service, region });
    if (fault !== null) throw wrong(fault, "InvalidSignatureException");
    return keys.get(/Credential=([^/]+)/.exec(asked.headers.authorization ?? "")?.[1] ?? "")?.name ?? "";
  }

  async function readSecret(asked: Asked): Promise<Told> {
    if (own.throttled > 0) {
      own.throttled -= 1;
      throw wrong("Rate exceeded", "ThrottlingException");
    }
    const name = await signer(asked, "secretsmanager");
    if (readers.size > 0 && !readers.has(name)) throw wrong(`${name} is not authorized`, "AccessDeniedException");
    const { SecretId, VersionId, VersionStage = "AWSCURRENT" } = JSON.parse(asked.body) as Record<string, string>;
    const secret = SecretId?.replace(/^arn:aws:secretsmanager:[^:]+:\d+:secret:(.*?)(-\w{6})?$/, "$1") ?? "";
    const versions = secrets.get(secret) ?? [];
    const staged =
      VersionStage === "AWSCURRENT" ? versions.at(-1) : VersionStage === "AWSPREVIOUS" ? versions.at(-2) : undefined;
    const found = VersionId === undefined ? staged : versions.find(({ id }) => id === VersionId);
    if (found === undefined)
      throw wrong("Secrets Manager can't find the specified secret.", "ResourceNotFoundException");
    const value =
      typeof found.value === "string"
        ? { SecretString: found.value }
        : { SecretBinary: Buffer.from(found.value).toString("base64") };
    return { status: 200, body: { Name: secret, VersionId: found.id, VersionStages: [VersionStage], ...value } };
  }

  async function readParameter(asked: Asked): Promise<Told> {
    await signer(asked, "ssm");
    const { Name = "", WithDecryption } = JSON.parse(asked.body) as { Name?: string; WithDecryption?: boolean };
    if (WithDecryption !== true) throw wrong("the value would come encrypted", "ValidationException");
    const [name = "", version] = Name.split(":");
    const values = parameters.get(name) ?? [];
    const number = version === undefined ? values.length : Number(version);
    const Value = values[number - 1];
    if (Value === undefined) throw wrong("", "ParameterNotFound");
    return { status: 200, body: { Parameter: { Name: name, Type: "SecureString", Value, Version: number } } };
  }

  async function assume(asked: Asked): Promise<Told> {
    const form = Object.fromEntries(new URLSearchParams(asked.body));
    const role = form.RoleArn ?? "";
    const trust = trusts.get(role);
    const byToken = form.Action === "AssumeRoleWithWebIdentity";
    const who = byToken
      ? await issuer?.subjectOf(form.WebIdentityToken ?? "", "sts.amazonaws.com")
      : await signer(asked, "sts");
    const told = (body: string, status = 200): Told => ({ status, body, headers: { "content-type": "text/xml" } });
    const allowed = trust !== undefined && trust.by === who && trust.externalId === form.ExternalId;
    if (!allowed || form.Version !== "2011-06-15" || (form.RoleSessionName ?? "").length < 2) {
      throw new Refused(
        `${who} may not take on ${role}`,
        told("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", 403),
      );
    }
    const key = newKey(role);
    return told(
      `<${form.Action}Response><${form.Action}Result><Credentials><AccessKeyId>${key.accessKeyId}</AccessKeyId>` +
        `<SecretAccessKey>${key.secretAccessKey}</SecretAccessKey><SessionToken>${key.sessionToken}</SessionToken>` +
        `<Expiration>${inAnHour()}</Expiration></Credentials></${form.Action}Result></${form.Action}Response>`,
    );
  }

  const lent = (name: string): Told => {
    const { accessKeyId, secretAccessKey, sessionToken } = newKey(name);
    return {
      status: 200,
      body: { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration: inAnHour() },
    };
  };

  /** The instance metadata service, in its second version alone. */
  function metadata({ method, url, headers }: Asked): Told {
    if (method === "PUT" && url.pathname === "/latest/api/token") {
      if (!(Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0)) throw wrong("no life", "BadRequest");
      const token = randomUUID();
      metadataTokens.add(token);
      return { status: 200, body: token };
    }
    if (!metadataTokens.has(headers["x-aws-ec2-metadata-token"] ?? "")) throw wrong("no token", "Unauthorized", 401);
    if (url.pathname.endsWith("/security-credentials/")) return { status: 200, body: "instance-role" };
    return lent("instance");
  }

  const served = await serveManager((asked) => {
    const { pathname } = asked.url;
    if (pathname.startsWith("/latest/")) return metadata(asked);
    if (pathname === "/container") {
      if (asked.headers.authorization !== containerToken) throw wrong("token", "AccessDenied", 403);
      return lent("container");
    }
    if (asked.method !== "POST" || pathname !== "/") throw wrong("path", "UnknownOperationException", 404);
    if (asked.headers["content-type"] === "application/x-www-form-urlencoded") return assume(asked);
    if (asked.headers["content-type"] !== "application/x-amz-json-1.1") throw wrong("type", "SerializationException");
    const target = asked.headers["x-amz-target"];
    if (target === "secretsmanager.GetSecretValue") return readSecret(asked);
    if (target === "AmazonSSM.GetParameter") return readParameter(asked);
    throw wrong(`target ${target}`, "UnknownOperationException");
  });
  return Object.assign(served, {
    user,
    readers,
    containerToken,
    trust: (role: string, by: string, externalId?: string) => void trusts.set(role, { by, externalId }),
    put: (name: string, value: string | Uint8Array) => {
      const id = randomUUID();
      secrets.set(name, [...(secrets.get(name) ?? []), { id, value }]);
      return id;
    },
    putParameter: (name: string, value: string) => void parameters.set(name, [...(parameters.get(name) ?? []), value]),
    throttle: (times: number) => {
      own.throttled = times;
    },
  });
}

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}
