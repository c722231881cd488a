// An AWS credential of any form becomes headers, and nothing else of the request changes.
import { describe, expect, it } from "vitest";
import { amazonBedrock } from "../../../providers/amazon-bedrock.ts";
import { awsAuth } from "../../../providers/aws/authorize.ts";
import { readSecret, secretFromEnvironment } from "../../../providers/aws/secret.ts";
import type { UpstreamRequest } from "../../../providers/define.ts";

const request: UpstreamRequest = {
  method: "POST",
  baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com",
  path: "/model/amazon.nova-micro-v1%3A0/converse",
  headers: { "content-type": "application/json", accept: "application/json" },
  body: '{"messages":[]}',
};
const keys = "AKIDEXAMPLE00000000A:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

function authorize(secret: string, over: Partial<UpstreamRequest> = {}, nowMs = Date.UTC(2026, 0, 2)) {
  const result = awsAuth({ service: "bedrock", fallbackRegion: "us-east-1", now: () => nowMs })(
    { ...request, ...over },
    secret,
  );
  if (result instanceof Promise) throw new Error("no role was asked for");
  return result;
}

describe("an AWS credential", () => {
  it("that is a Bedrock API key is sent as a bearer token", () => {
    const { headers, ...rest } = authorize("ABSKQmVkcm9ja0FQSUtleQ==");
    expect(headers).toEqual({ ...request.headers, authorization: "Bearer ABSKQmVkcm9ja0FQSUtleQ==" });
    expect(rest).toEqual({ method: "POST", baseUrl: request.baseUrl, path: request.path, body: request.body });
  });

  it("that is an access key signs, for the region of the host", () => {
    const { headers } = authorize(keys);
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE00000000A\/20260102\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
    expect(headers).not.toHaveProperty("x-amz-security-token");
    expect(JSON.stringify(headers)).not.toContain("wJalrXUtnFEMI");
  });

  it("that is temporary sends its session token, signed", () => {
    const { headers } = authorize(`${keys}:FwoGZXIvYXdzEXAMPLE==`);
    expect(headers["x-amz-security-token"]).toBe("FwoGZXIvYXdzEXAMPLE==");
    expect(headers.authorization).toContain("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,");
  });

  it.each([
    ["https://vpce-0a1b-2c3d.bedrock-runtime.us-west-2.vpce.amazonaws.com", "us-west-2"],
    ["https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["http://localhost:9000", "us-east-1"],
  ])("signs at %s for %s", (baseUrl, region) => {
    expect(authorize(keys, { baseUrl }).headers.authorization).toContain(`/${region}/bedrock/`);
  });

  it("names the region of a host that names none", () => {
    const baseUrl = "https://bedrock.internal.example";
    expect(authorize(`${keys}::ap-south-1`, { baseUrl }).headers.authorization).toContain("/ap-south-1/bedrock/");
    expect(authorize(`${keys}::ap-south-1`).headers.authorization).toContain("/eu-west-1/bedrock/");
  });

  it("signs anew for each attempt, each body and each path", () => {
    const signatures = [
      authorize(keys),
      authorize(keys, {}, Date.UTC(2026, 0, 2, 0, 0, 1)),
      authorize(keys, { body: "{}" }),
      authorize(keys, { path: "/model/amazon.nova-micro-v1%3A0/converse-stream" }),
    ].map(({ headers }) => headers.authorization);
    expect(new Set(signatures).size).toBe(4);
  });
});

describe("the environment of AWS's tools", () => {
  const access = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "s/e+c" };

  it.each([
    [{}, null],
    [{ AWS_ACCESS_KEY_ID: "AKID" }, null],
    [{ AWS_BEARER_TOKEN_BEDROCK: "ABSK" }, { kind: "bearer", token: "ABSK" }],
    [
      { ...access, AWS_BEARER_TOKEN_BEDROCK: "ABSK" },
      { kind: "bearer", token: "ABSK" },
    ],
    [
      access,
      { kind: "keys", keys: { accessKeyId: "AKID", secretAccessKey: "s/e+c", sessionToken: null }, region: null },
    ],
    [
      { ...access, AWS_SESSION_TOKEN: "tok==", AWS_REGION: "eu-west-1" },
      {
        kind: "keys",
        keys: { accessKeyId: "AKID", secretAccessKey: "s/e+c", sessionToken: "tok==" },
        region: "eu-west-1",
      },
    ],
    [
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/x", AWS_DEFAULT_REGION: "eu-west-1" },
      {
        kind: "role",
        role: { kind: "container", url: "http://169.254.170.2/v2/x", token: null },
        region: "eu-west-1",
      },
    ],
    [
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1", AWS_CONTAINER_AUTHORIZATION_TOKEN: "t" },
      { kind: "role", role: { kind: "container", url: "http://169.254.170.23/v1", token: "t" }, region: null },
    ],
    [{ AWS_EC2_METADATA_DISABLED: "true" }, null],
    [
      { AWS_EC2_METADATA_DISABLED: "false" },
      { kind: "role", role: { kind: "instance", endpoint: "http://169.254.169.254" }, region: null },
    ],
  ])("%j is one secret", (env: Record<string, string>, expected) => {
    const secret = secretFromEnvironment(env);
    expect(secret === null ? null : readSecret(secret)).toEqual(expected);
    expect(amazonBedrock.secretFrom(env)).toBe(secret);
  });

  it.each([
    [{}, "https://bedrock-runtime.us-east-1.amazonaws.com"],
    [{ AWS_DEFAULT_REGION: "eu-west-3" }, "https://bedrock-runtime.eu-west-3.amazonaws.com"],
    [
      { AWS_REGION: "cn-north-1", AWS_DEFAULT_REGION: "eu-west-3" },
      "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
    ],
  ])("%j decides where Bedrock is", (env: Record<string, string>, baseUrl) => {
    expect(amazonBedrock.baseUrlFrom(env)).toBe(baseUrl);
  });
});
