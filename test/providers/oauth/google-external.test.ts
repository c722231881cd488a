// Identities of other clouds, and of Google's own machines, become tokens of Google's: each against a server that checks every step.
import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UpstreamRequest } from "../../../providers/define.ts";
import { googleVertex } from "../../../providers/google-vertex.ts";
import { googleAuth, googleCloud } from "../../../providers/oauth/google.ts";
import { connectionsOfMachine } from "../../../src/vault/credentials.node.ts";

const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/p";
const scope = "https://www.googleapis.com/auth/cloud-platform";
const start = Date.UTC(2026, 10, 24);
const awsKeys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG", sessionToken: "aws-session" };
const request: UpstreamRequest = {
  method: "POST",
  baseUrl: "https://upstream.example",
  path: "/",
  headers: {},
  body: "{}",
};

let server: Server;
let base: string;
let folder: string;
let asked: string[];
let nowMs = start;
/** What Google's token service takes as the other side's proof. */
let proof: (subjectToken: string) => Promise<boolean>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-identity-"));
  server = createServer((incoming, response) => {
    answer(incoming).then(
      ({ status, body }) => response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body)),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((closed) => server.close(closed));
});
beforeEach(() => {
  asked = [];
  nowMs += 86_400_000;
  proof = async (token) => token === "subject-1";
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(incoming: IncomingMessage): Promise<Answer> {
  let text = "";
  for await (const chunk of incoming) text += chunk;
  const { method, url = "", headers } = incoming;
  asked.push(`${method} ${url}`);
  const refused: Answer = { status: 400, body: { error: "invalid_grant", error_description: `no: ${text}` } };
  switch (url) {
    case "/sts": {
      const form = Object.fromEntries(new URLSearchParams(text));
      const right =
        method === "POST" &&
        headers["content-type"] === "application/x-www-form-urlencoded" &&
        form.grant_type === "urn:ietf:params:oauth:grant-type:token-exchange" &&
        form.requested_token_type === "urn:ietf:params:oauth:token-type:access_token" &&
        form.audience === audience &&
        form.scope === scope &&
        (await proof(form.subject_token ?? ""));
      return right
        ? { status: 200, body: { access_token: "federated", expires_in: 3600, token_type: "Bearer" } }
        : refused;
    }
    case "/impersonate:generateAccessToken": {
      const right =
        method === "POST" &&
        headers.authorization === "Bearer federated" &&
        text === JSON.stringify({ scope: [scope], lifetime: "1200s" });
      const expireTime = new Date(nowMs + 1_200_000).toISOString();
      return right ? { status: 200, body: { accessToken: "impersonated", expireTime } } : refused;
    }
    case "/subject":
      return headers["x-identity"] === "me" ? { status: 200, body: { value: "subject-1" } } : refused;
    case `/computeMetadata/v1/instance/service-accounts/default/token?scopes=${encodeURIComponent(scope)}`:
      return headers["metadata-flavor"] === "Google"
        ? { status: 200, body: { access_token: "machine", expires_in: 3000, token_type: "Bearer" } }
        : { status: 403, body: {} };
    case "/latest/api/token":
      return { status: method === "PUT" ? 200 : 405, body: "imds" };
    case "/latest/meta-data/placement/availability-zone":
    case "/latest/meta-data/iam/security-credentials/":
    case "/latest/meta-data/iam/security-credentials/role": {
      if (headers["x-aws-ec2-metadata-token"] !== "imds") return { status: 401, body: "" };
      const Expiration = new Date(nowMs + 3_600_000).toISOString();
      const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = awsKeys;
      if (url.endsWith("zone")) return { status: 200, body: "eu-west-1b" };
      return {
        status: 200,
        body: url.endsWith("/role") ? { AccessKeyId, SecretAccessKey, Token, Expiration } : "role",
      };
    }
    default:
      return { status: 404, body: {} };
  }
}

const machine = { readFile: (path: string) => readFile(path, "utf8") };
const token = async (secret: string): Promise<string | undefined> => {
  const authorised = await googleAuth({ now: () => nowMs })(request, secret, machine);
  return authorised.headers.authorization;
};
const credential = (source: object, more: object = {}): string =>
  JSON.stringify({
    type: "external_account",
    audience,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${base}/sts`,
    credential_source: source,
    ...more,
  });

describe("a token of another issuer", () => {
  it("is read from a file each time, and exchanged", async () => {
    const file = join(folder, "token");
    const authorize = googleAuth({ now: () => nowMs });
    writeFileSync(file, "subject-1\n");
    const first = await authorize(request, credential({ file }), machine);
    expect(first.headers.authorization).toBe("Bearer federated");
    writeFileSync(file, "subject-2");
    proof = async (given) => given === "subject-2";
    nowMs += 3_600_000;
    await authorize(request, credential({ file }), machine);
    expect(asked).toEqual(["POST /sts", "POST /sts"]);
  });

  it("may be a member of a file's JSON, or stand at a URL", async () => {
    const file = join(folder, "token.json");
    writeFileSync(file, JSON.stringify({ access: "subject-1" }));
    const format = { type: "json", subject_token_field_name: "access" };
    expect(await token(credential({ file, format }))).toBe("Bearer federated");

    const url = `${base}/subject`;
    const there = { url, headers: { "x-identity": "me" }, format: { type: "json", subject_token_field_name: "value" } };
    expect(await token(credential(there))).toBe("Bearer federated");
    expect(asked).toEqual(["POST /sts", "GET /subject", "POST /sts"]);
  });

  it("may stand for a service account, for as long as the credential says", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "subject-1");
    const impersonation = {
      service_account_impersonation_url: `${base}/impersonate:generateAccessToken`,
      service_account_impersonation: { token_lifetime_seconds: 1200 },
    };
    const authorize = googleAuth({ now: () => nowMs });
    const secret = credential({ file }, impersonation);
    expect((await authorize(request, secret, machine)).headers.authorization).toBe("Bearer impersonated");
    expect(asked).toEqual(["POST /sts", "POST /impersonate:generateAccessToken"]);
    nowMs += 600_000;
    await authorize(request, secret, machine);
    expect(asked).toHaveLength(2);
    nowMs += 600_000;
    await authorize(request, secret, machine);
    expect(asked).toHaveLength(4);
  });

  it.each([
    ["that is refused", () => credential({ file: join(folder, "wrong") }), /HTTP status 400 \(invalid_grant\)/],
    ["whose file is not there", () => credential({ file: join(folder, "missing") }), /file .* can't be read/],
    [
      "whose source is of no known kind",
      () => credential({ executable: { command: "x" } }),
      /neither a file, nor a URL/,
    ],
    ["without an audience", () => JSON.stringify({ type: "external_account" }), /lacks its audience/],
  ])("%s is a failure that tells no secret", async (_name, secret, message) => {
    writeFileSync(join(folder, "wrong"), "s3cr3t-subject");
    const error: unknown = await token(secret()).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "ProviderError", failure: { kind: "authentication" } });
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain("s3cr3t");
  });

  it("can't be read where there are no files", async () => {
    const authorised = async () => googleAuth({ now: () => nowMs })(request, credential({ file: "/token" }));
    await expect(authorised()).rejects.toThrow("there are none here");
  });
});

/** The hash that AWS's own signer is lent. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Uint8Array);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/** Whether this is a signed question to AWS of who asks, for this audience, as AWS's own signer signs it. */
async function provesAws(subject: string): Promise<boolean> {
  const { url, method, headers } = JSON.parse(decodeURIComponent(subject));
  const sent = Object.fromEntries(headers.map(({ key, value }: { key: string; value: string }) => [key, value]));
  const signer = new SignatureV4({
    service: "sts",
    region: "eu-west-1",
    credentials: awsKeys,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { hostname, pathname, searchParams } = new URL(url);
  const signed = await signer.sign(
    {
      method: "POST",
      protocol: "https:",
      hostname,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { host: hostname },
      body: "",
    },
    { signingDate: new Date(nowMs) },
  );
  return (
    method === "POST" &&
    url === "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15" &&
    sent["x-goog-cloud-target-resource"] === audience &&
    sent["x-amz-security-token"] === awsKeys.sessionToken &&
    sent.Authorization === signed.headers.authorization
  );
}

describe("an identity of AWS's", () => {
  const source = () => ({
    environment_id: "aws1",
    region_url: `${base}/latest/meta-data/placement/availability-zone`,
    url: `${base}/latest/meta-data/iam/security-credentials`,
    imdsv2_session_token_url: `${base}/latest/api/token`,
    regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
  });

  it("of an instance is proved with its role's keys", async () => {
    proof = provesAws;
    expect(await token(credential(source()))).toBe("Bearer federated");
    expect(asked.filter((one) => one.includes("/iam/"))).toHaveLength(2);
  });

  it("is proved with the environment's keys where it has some", async () => {
    proof = provesAws;
    const { fromEnv } = googleCloud();
    const secret = fromEnv?.({
      GOOGLE_APPLICATION_CREDENTIALS_JSON: credential(source()),
      AWS_BEARER_TOKEN_BEDROCK: "not-this",
      AWS_ACCESS_KEY_ID: awsKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: awsKeys.secretAccessKey,
      AWS_SESSION_TOKEN: awsKeys.sessionToken,
      AWS_REGION: "eu-west-1",
    });
    expect(await token(secret ?? "")).toBe("Bearer federated");
    expect(asked).toEqual(["POST /sts"]);
  });
});

describe("a machine at Google", () => {
  it("has its token from the metadata server", async () => {
    expect(await token(`metadata:${base.slice("http://".length)}`)).toBe("Bearer machine");
  });

  const project = { GOOGLE_VERTEX_PROJECT: "p" };
  it.each([
    [{}, false],
    [{ K_SERVICE: "gateway" }, true],
    [{ GCE_METADATA_HOST: "127.0.0.1:1" }, true],
    [{ GOOGLE_VERTEX_METADATA: "true" }, true],
    [{ GOOGLE_VERTEX_METADATA: "false" }, false],
  ])("is asked only where the environment tells of one: %j", (env, connects) => {
    const connections = connectionsOfMachine([googleVertex], { ...project, ...env }, { sandbox: "off" });
    expect(connections.has("google-vertex")).toBe(connects);
  });
});

it("a credential in a file of the machine's is read with the files that it names", async () => {
  const file = join(folder, "subject");
  writeFileSync(file, "subject-1");
  const path = join(folder, "federation.json");
  writeFileSync(path, credential({ file }));
  const env = { GOOGLE_APPLICATION_CREDENTIALS: path, GOOGLE_VERTEX_PROJECT: "p" };
  const connection = connectionsOfMachine([googleVertex], env, { sandbox: "off" }).get("google-vertex");
  const authorised = await connection?.provider.authorize(request, connection.secret?.reveal() ?? "");
  expect(authorised?.headers.authorization).toBe("Bearer federated");
});
