// Keys of a machine's role are fetched once, kept, and replaced before they expire.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { amazonBedrock } from "../../../providers/amazon-bedrock.ts";
import { awsAuth } from "../../../providers/aws/authorize.ts";
import { RoleKeys } from "../../../providers/aws/role.ts";
import { connectionsOfMachine } from "../../../src/vault/credentials.node.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 5, 1);

let server: Server;
let base: string;
let asked: string[] = [];
let failing = false;
let nowMs = start;
let issued = 0;
let webToken = "web-1";
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-aws-"));
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${url}`);
    let text = "";
    for await (const chunk of request) text += chunk;
    const answer = (status: number, body: string) => response.writeHead(status).end(body);
    const lease = () => {
      issued += 1;
      const Expiration = new Date(nowMs + hour).toISOString();
      return JSON.stringify({
        AccessKeyId: `ASIA${issued}`,
        SecretAccessKey: "shh",
        Token: `tok${issued}`,
        Expiration,
      });
    };
    if (failing) answer(500, "no");
    else if (url === "/") {
      // AWS Security Token Service API reference, "AssumeRoleWithWebIdentity", example.
      const form = Object.fromEntries(new URLSearchParams(text));
      const right =
        method === "POST" &&
        headers["content-type"] === "application/x-www-form-urlencoded" &&
        form.Action === "AssumeRoleWithWebIdentity" &&
        form.Version === "2011-06-15" &&
        form.RoleArn === "arn:aws:iam::123456789012:role/gateway" &&
        form.RoleSessionName === "turnpike" &&
        form.WebIdentityToken === webToken;
      const { AccessKeyId, SecretAccessKey, Token, Expiration } = JSON.parse(lease());
      answer(
        right ? 200 : 400,
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>${Token}</SessionToken>
          <SecretAccessKey>${SecretAccessKey}</SecretAccessKey><Expiration>${Expiration}</Expiration>
          <AccessKeyId>${AccessKeyId}</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
        </AssumeRoleWithWebIdentityResponse>`,
      );
    } else if (url === "/container") answer(headers.authorization === "pod-token" ? 200 : 403, lease());
    else if (method === "PUT" && url === "/latest/api/token") answer(200, "imds-token");
    else if (headers["x-aws-ec2-metadata-token"] !== "imds-token") answer(401, "");
    else if (url === "/latest/meta-data/iam/security-credentials/") answer(200, "my-role\n");
    else if (url === "/latest/meta-data/iam/security-credentials/my-role") answer(200, lease());
    else answer(404, "");
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
  failing = false;
  nowMs = start;
  issued = 0;
});

const roleKeys = () => new RoleKeys({ now: () => nowMs });
const container = () => ({ kind: "container" as const, url: `${base}/container`, token: "pod-token" });

describe("the keys of a role", () => {
  it("are fetched once for all that wait, and kept", async () => {
    const keys = roleKeys();
    const all = await Promise.all(Array.from({ length: 20 }, () => keys.of(container())));
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["ASIA1"]));
    expect(all[0]).toEqual({ accessKeyId: "ASIA1", secretAccessKey: "shh", sessionToken: "tok1" });
    await keys.of(container());
    expect(asked).toEqual(["GET /container"]);
  });

  it("are replaced five minutes before they expire", async () => {
    const keys = roleKeys();
    await keys.of(container());
    nowMs = start + hour - 5 * 60_000 - 1;
    expect((await keys.of(container())).accessKeyId).toBe("ASIA1");
    nowMs += 2;
    expect((await keys.of(container())).accessKeyId).toBe("ASIA2");
  });

  it("serve until their end when new ones can't be had", async () => {
    const keys = roleKeys();
    await keys.of(container());
    failing = true;
    nowMs = start + hour - 1;
    expect((await keys.of(container())).accessKeyId).toBe("ASIA1");
    nowMs = start + hour;
    await expect(keys.of(container())).rejects.toThrow("HTTP status 500");
    failing = false;
    expect((await keys.of(container())).accessKeyId).toBe("ASIA2");
  });

  it("of an EC2 instance are asked for with a token of the metadata service", async () => {
    const got = await roleKeys().of({ kind: "instance", endpoint: base });
    expect(got.accessKeyId).toBe("ASIA1");
    expect(asked).toEqual([
      "PUT /latest/api/token",
      "GET /latest/meta-data/iam/security-credentials/",
      "GET /latest/meta-data/iam/security-credentials/my-role",
    ]);
  });

  it("sign a request, and a refusal tells no secret", async () => {
    const authorize = awsAuth({ service: "bedrock", fallbackRegion: "us-east-1", now: () => nowMs });
    const request = {
      method: "POST" as const,
      baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com",
      path: "/x",
      headers: {},
      body: "",
    };
    const signed = await authorize(request, `role:${JSON.stringify(container())}`);
    expect(signed.headers.authorization).toContain("Credential=ASIA1/20260601/eu-west-1/bedrock/");
    expect(signed.headers["x-amz-security-token"]).toBe("tok1");
    const wrong = { ...container(), token: "other-token" };
    await expect(authorize(request, `role:${JSON.stringify(wrong)}`)).rejects.toThrow(
      /^The AWS metadata endpoint answered with HTTP status 403\.$/,
    );
  });
});

describe("a token in a file", () => {
  /** The key that a request to Bedrock is signed with, where the environment is this. */
  const connect = (env: Readonly<Record<string, string>>) => {
    const connection = connectionsOfMachine([amazonBedrock], env, { sandbox: "off" }).get("amazon-bedrock");
    const request = { method: "POST" as const, baseUrl: connection?.baseUrl ?? "", path: "/x", headers: {}, body: "" };
    return async () => {
      const signed = await connection?.provider.authorize(request, connection.secret?.reveal() ?? "");
      return /Credential=([^/]+)\/\d+\/([^/]+)/.exec(signed?.headers.authorization ?? "")?.slice(1);
    };
  };

  it("of a Kubernetes service account is exchanged for a role's keys, as it stands there when they are needed", async () => {
    const file = join(folder, "web-token");
    const key = connect({
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/gateway",
      AWS_ENDPOINT_URL_STS: base,
      AWS_REGION: "eu-west-1",
      // Comes after it, as in AWS's own tools.
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/container`,
    });
    webToken = "web-2";
    writeFileSync(file, "web-1");
    await expect(key()).rejects.toThrow("The AWS security token service answered with HTTP status 400.");
    writeFileSync(file, "web-2\n");
    expect(await key()).toEqual(["ASIA2", "eu-west-1"]);
    expect(asked).toEqual(["POST /", "POST /"]);
  });

  it("of an EKS pod is shown to the container's endpoint", async () => {
    const file = join(folder, "pod-token");
    writeFileSync(file, "pod-token\n");
    const key = connect({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
      AWS_REGION: "eu-west-1",
    });
    expect(await key()).toEqual(["ASIA1", "eu-west-1"]);
  });

  it("is shown to nobody whom others can listen in on, and one that is missing is a failure", async () => {
    const file = join(folder, "pod-token");
    const far = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://metadata.example/x",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    };
    await expect(connect(far)()).rejects.toThrow("neither this machine's nor reached by HTTPS");
    const missing = {
      ...far,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: base,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${file}-2`,
    };
    await expect(connect(missing)()).rejects.toThrow("can't be read");
  });

  it("without a service that answers is the provider's failure, and no bug", async () => {
    const gone = connect({ AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/x" });
    await expect(gone()).rejects.toMatchObject({ name: "ProviderError", failure: { kind: "network" } });
  });
});
