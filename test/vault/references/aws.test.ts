// AWS is asked with signatures that its own signer agrees with, by every identity of its chain.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsServer, startAwsServer } from "../../support/managers/aws.ts";
import { createTokenIssuer, type TokenIssuer } from "../../support/managers/tokens.ts";
import { read } from "./opened.ts";

let issuer: TokenIssuer;
let folder: string;
let aws: AwsServer;
const closing: (() => void)[] = [];

beforeAll(async () => {
  issuer = await createTokenIssuer();
  folder = mkdtempSync(join(tmpdir(), "turnpike-aws-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  aws = await startAwsServer(issuer);
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await aws.close();
});

type Env = Readonly<Record<string, string>>;
const userKeys = (): Env => ({
  AWS_ACCESS_KEY_ID: aws.user.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.user.secretAccessKey,
});

async function open(reference: string, identity: Env = userKeys()) {
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: "eu-central-1", ...identity };
  const opened = await read(env, reference);
  closing.push(() => opened.references.close());
  return opened;
}

describe("a secret in AWS Secrets Manager", () => {
  it("is read by name and by ARN, as a text, as a field of JSON, and as bytes", async () => {
    aws.put("prod/openai", JSON.stringify({ key: "value", nested: { key: "deeper" } }));
    aws.put("bytes", Buffer.from("as-bytes"));
    expect((await open("aws-sm:prod/openai#key")).value()).toBe("value");
    expect((await open("aws-sm:prod/openai#nested.key")).value()).toBe("deeper");
    const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/openai-a1B2c3";
    expect((await open(`aws-sm:${arn}#key`, { ...userKeys(), AWS_REGION: "us-east-1" })).value()).toBe("value");
    expect((await open("aws-sm:bytes")).value()).toBe("as-bytes");
    expect(aws.refusals).toEqual([]);
  });

  it("is read in the stage or the version that the reference names", async () => {
    const first = aws.put("openai", "one");
    aws.put("openai", "two");
    expect((await open("aws-sm:openai")).value()).toBe("two");
    const previous = await open("aws-sm:openai#@AWSPREVIOUS");
    expect(previous.value()).toBe("one");
    expect(previous.state().version).toBe(first);
    expect((await open(`aws-sm:openai#@${first}`)).value()).toBe("one");
  });

  it("is read anew where a rotation has moved the stage", async () => {
    aws.put("openai", "one");
    const { source, value } = await open("aws-sm:openai");
    aws.put("openai", "two");
    expect(await source.renew(source.current())).toBe(true);
    expect(value()).toBe("two");
  });

  it("is tried again where AWS is busy", async () => {
    aws.put("openai", "value");
    aws.throttle(1);
    const { state, value, time } = await open("aws-sm:openai");
    expect(state().lastError?.message).toBe("AWS Secrets Manager is busy (ThrottlingException).");
    time.pass(1_000);
    await expect.poll(value).toBe("value");
  });

  it.each([
    ["aws-sm:none", {}, "AWS Secrets Manager answered with HTTP status 400 (ResourceNotFoundException)."],
    ["aws-sm:openai#@NOSTAGE", {}, "AWS Secrets Manager answered with HTTP status 400 (ResourceNotFoundException)."],
    [
      "aws-sm:openai",
      { AWS_SECRET_ACCESS_KEY: "wrong" },
      "AWS Secrets Manager answered with HTTP status 400 (InvalidSignatureException).",
    ],
    ["aws-sm:openai", { AWS_REGION: "" }, "AWS_REGION, or ?region= of the reference, must say in which region it is."],
  ])("that can't be had is told of: %s %j", async (reference, identity, message) => {
    aws.put("openai", "value");
    const { state } = await open(reference, { ...userKeys(), ...identity });
    expect(state()).toMatchObject({ status: "waiting", lastError: { message } });
  });
});

it("a parameter of Systems Manager is read decrypted, in its newest version or a pinned one", async () => {
  aws.putParameter("/llm/openai", "one");
  aws.putParameter("/llm/openai", "two");
  const newest = await open("aws-ssm:/llm/openai");
  expect([newest.value(), newest.state().version]).toEqual(["two", "2"]);
  expect((await open("aws-ssm:/llm/openai#@1")).value()).toBe("one");
  expect((await open("aws-ssm:/llm/none")).state().lastError?.message).toContain("(ParameterNotFound)");
});

describe("who we are at AWS", () => {
  const role = "arn:aws:iam::123456789012:role/reader";
  const team = "arn:aws:iam::999999999999:role/team";
  beforeEach(() => void aws.put("openai", "value"));

  it("is the role of a pod whose token AWS trusts", async () => {
    const file = join(folder, "web-identity");
    writeFileSync(file, await issuer.sign("system:serviceaccount:llm:turnpike", "sts.amazonaws.com"));
    aws.trust(role, "system:serviceaccount:llm:turnpike");
    aws.readers.add(role);
    const identity = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role };
    expect((await open("aws-sm:openai", identity)).value()).toBe("value");
    writeFileSync(file, await issuer.sign("system:serviceaccount:other:pod", "sts.amazonaws.com"));
    expect((await open("aws-sm:openai", identity)).state()).toMatchObject({
      status: "waiting",
      lastError: { message: "The AWS security token service answered with HTTP status 403." },
    });
  });

  it("is the role of a container, as ECS and EKS pod identities have it", async () => {
    const file = join(folder, "container");
    writeFileSync(file, aws.containerToken);
    aws.readers.add("container");
    const identity = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    };
    expect((await open("aws-sm:openai", identity)).value()).toBe("value");
  });

  it("is the role of the instance, whose metadata service wants a token, where there is nothing else", async () => {
    aws.readers.add("instance");
    const identity = { AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url };
    expect((await open("aws-sm:openai", identity)).value()).toBe("value");
    const without = await open("aws-sm:openai", { ...identity, AWS_EC2_METADATA_DISABLED: "true" });
    expect(without.state().lastError?.message).toContain("There is no AWS identity here");
  });

  it("becomes one role after another, each trusting the one before", async () => {
    aws.trust(team, "user");
    aws.trust(role, team, "agreed");
    aws.readers.add(role);
    const reference = `aws-sm:openai?role=${team},${role}`;
    expect((await open(`${reference}&external_id=agreed`)).state().lastError?.message).toContain("403");
    aws.trust(team, "user", "agreed");
    expect((await open(`${reference}&external_id=agreed`)).value()).toBe("value");
    aws.trust(role, "user");
    expect((await open("aws-sm:openai", { ...userKeys(), TURNPIKE_AWS_ROLES: role })).value()).toBe("value");
    expect((await open("aws-sm:openai")).state().lastError?.message).toContain("(AccessDeniedException)");
  });

  it("is asked for once while it lasts", async () => {
    aws.trust(role, "user");
    const { source } = await open(`aws-sm:openai?role=${role}`);
    aws.put("openai", "second");
    expect(await source.renew(source.current())).toBe(true);
    expect(aws.asked.filter(({ body }) => body.startsWith("Action=AssumeRole"))).toHaveLength(1);
  });
});
