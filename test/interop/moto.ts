// Moto in the place of AWS: Secrets Manager, Systems Manager, and the security token service.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { check, freePort, stop, up, valueAt, wrapsBy } from "./manager-checks.ts";

/** @param moto the program of the server. */
export async function withMoto(moto: string): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(moto, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKIAINTEROP000000000",
    AWS_SECRET_ACCESS_KEY: "interop-secret-access-key",
  };
  /** Moto reads the service from the scope of a signature, and verifies none. */
  async function put(service: string, target: string, body: unknown): Promise<unknown> {
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIAINTEROP000000000/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target, authorization };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  async function firstKey(): Promise<string> {
    const { Keys } = (await put("kms", "TrentService.ListKeys", {})) as { Keys: readonly { KeyId: string }[] };
    return Keys[0]?.KeyId ?? "";
  }

  try {
    await up(`${url}/moto-api/`);
    await put("secretsmanager", "secretsmanager.CreateSecret", { Name: "prod/openai", SecretString: '{"key":"one"}' });
    await put("secretsmanager", "secretsmanager.PutSecretValue", {
      SecretId: "prod/openai",
      SecretString: '{"key":"two"}',
    });

    await check("moto: a secret of Secrets Manager is read, by field and by stage", async () => {
      assert.equal(await valueAt(env, "aws-sm:prod/openai#key"), "two");
      assert.equal(await valueAt(env, "aws-sm:prod/openai#key@AWSPREVIOUS"), "one");
      assert.match(await valueAt(env, "aws-sm:none"), /ResourceNotFoundException/);
    });

    await check("moto: a parameter of Systems Manager is read, decrypted and by version", async () => {
      const parameter = { Name: "/llm/openai", Type: "SecureString" };
      await put("ssm", "AmazonSSM.PutParameter", { ...parameter, Value: "one" });
      await put("ssm", "AmazonSSM.PutParameter", { ...parameter, Value: "two", Overwrite: true });
      assert.equal(await valueAt(env, "aws-ssm:/llm/openai"), "two");
      assert.equal(await valueAt(env, "aws-ssm:/llm/openai#@1"), "one");
      assert.match(await valueAt(env, "aws-ssm:/llm/none"), /ParameterNotFound/);
    });

    await check("moto: a key of KMS wraps the keys of the vault, for their purpose alone", async () => {
      await put("kms", "TrentService.CreateKey", {});
      await put("kms", "TrentService.CreateAlias", { AliasName: "alias/turnpike", TargetKeyId: await firstKey() });
      await wrapsBy("aws-kms:alias/turnpike", env);
    });

    await check("moto: a role is taken on at the token service", async () => {
      const reference = "aws-sm:prod/openai#key?role=arn:aws:iam::123456789012:role/reader";
      assert.equal(await valueAt(env, reference), "two");
    });
  } finally {
    await stop(server);
  }
}
