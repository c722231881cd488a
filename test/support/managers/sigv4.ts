// Verifies signatures of AWS's Signature Version 4 with AWS's own signer.
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Asked } from "./serve.ts";

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The hash that AWS's signer is lent. */
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

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
const skewMs = 5 * 60_000;

/** What is wrong with a request's signature; null when nothing is. */
export async function signatureFault(
  asked: Asked,
  keyOf: (accessKeyId: string) => SigningKey | undefined,
  expected: { readonly service: string; readonly region: string },
): Promise<string | null> {
  const [, id = "", day = "", region = "", service = "", names = "", signature] =
    authorization.exec(asked.headers.authorization ?? "") ?? [];
  const key = keyOf(id);
  if (key === undefined) return `unknown access key ${id}`;
  if (service !== expected.service || region !== expected.region) return `scope of ${service} in ${region}`;
  if ((asked.headers["x-amz-security-token"] ?? undefined) !== key.sessionToken) return "session token";
  const signed = names.split(";");
  const required = ["host", ...Object.keys(asked.headers).filter((name) => name.startsWith("x-amz-"))];
  if (!required.every((name) => signed.includes(name))) return "unsigned headers";
  const time = asked.headers["x-amz-date"] ?? "";
  const atMs = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!time.startsWith(day) || !(Math.abs(atMs - Date.now()) < skewMs)) return "date";
  const signer = new SignatureV4({ service, region, sha256: Sha256, credentials: key, applyChecksum: false });
  const theirs = await signer.sign(
    {
      method: asked.method,
      protocol: "http:",
      hostname: asked.url.hostname,
      path: asked.url.pathname,
      query: Object.fromEntries(asked.url.searchParams),
      headers: Object.fromEntries(
        signed.filter((name) => name !== "x-amz-date").map((name) => [name, asked.headers[name] ?? ""]),
      ),
      body: asked.body,
    },
    { signingDate: new Date(atMs) },
  );
  return theirs.headers.authorization?.endsWith(`Signature=${signature}`) === true ? null : "signature";
}
