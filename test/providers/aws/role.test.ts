// Keys of a machine's role are fetched once, kept, and replaced before they expire.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { awsAuth } from "../../../providers/aws/authorize.ts";
import { RoleKeys } from "../../../providers/aws/role.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 5, 1);

let server: Server;
let base: string;
let asked: string[] = [];
let failing = false;
let nowMs = start;
let issued = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method, url, headers } = request;
    asked.push(`${method} ${url}`);
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
    else if (url === "/container") answer(headers.authorization === "pod-token" ? 200 : 403, lease());
    else if (method === "PUT" && url === "/latest/api/token") answer(200, "imds-token");
    else if (headers["x-aws-ec2-metadata-token"] !== "imds-token") answer(401, "");
    else if (url === "/latest/meta-data/iam/security-credentials/") answer(200, "my-role\n");
    else if (url === "/latest/meta-data/iam/security-credentials/my-role") answer(200, lease());
    else answer(404, "");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));
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
