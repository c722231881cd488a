// AWS KMS: a symmetric key that never leaves it.
import { RoleKeys } from "../../../providers/aws/role.ts";
import { signV4 } from "../../../providers/aws/sigv4.ts";
import { variable } from "../../../providers/define.ts";
import { ownIdentity } from "../references/aws.ts";
import { ask, refusal } from "../references/http.ts";
import type { ManagerHost } from "../references/manager.ts";
import type { Kms } from "../wrapper.ts";
import { base64, bytesOf, KmsError } from "./kms.ts";

const who = "AWS KMS";

/**
 * AWS KMS API reference, "Encrypt" and "Decrypt" (JSON 1.1). What a key is wrapped about is its encryption context, which CloudTrail
 * shows.
 * @param key an id, an ARN or `alias/…`. The region is the ARN's, else AWS_REGION's.
 */
export function awsKms(key: string, host: ManagerHost): Kms {
  const { env } = host;
  const region = regionOf(key, env);
  const given = variable(env, "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL")?.replace(/\/+$/, "");
  const own = `https://kms.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const url = new URL(`${given ?? own}/`);
  const roles = new RoleKeys({ now: host.now });

  async function call(operation: "Encrypt" | "Decrypt", members: Readonly<Record<string, unknown>>) {
    const identity = ownIdentity(env);
    const keys = "kind" in identity ? await roles.of(identity, { readFile: host.readFile }) : identity;
    const body = JSON.stringify({ KeyId: key, ...members });
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `TrentService.${operation}` };
    const signed = signV4({ method: "POST", url, headers, body }, keys, { service: "kms", region, nowMs: host.now() });
    const answer = await ask(who, url.href, { method: "POST", headers: { ...headers, ...signed }, body });
    if (answer.status !== 200) throw refusal(who, answer, String(answer.body.__type ?? "").replace(/^.*#/, ""));
    return answer.body;
  }

  return {
    name: `aws-kms:${key}`,
    async encrypt(plain, about) {
      const { CiphertextBlob } = await call("Encrypt", {
        Plaintext: base64(plain),
        EncryptionContext: { turnpike: about },
      });
      return bytesOf(CiphertextBlob, who);
    },
    async decrypt(ciphertext, about) {
      const body = { CiphertextBlob: base64(ciphertext), EncryptionContext: { turnpike: about } };
      return bytesOf((await call("Decrypt", body)).Plaintext, who);
    },
  };
}

function regionOf(key: string, env: ManagerHost["env"]): string {
  const inArn = key.startsWith("arn:") ? key.split(":")[3] : undefined;
  const region = inArn ?? variable(env, "AWS_REGION", "AWS_DEFAULT_REGION");
  if (region !== null && /^[a-z0-9-]+$/.test(region)) return region;
  throw new KmsError("AWS_REGION must say where the key is, unless it is named by its ARN.");
}
