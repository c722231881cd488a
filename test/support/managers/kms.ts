// Strict key services of the four kinds: each checks who asks as its cloud does, and what a ciphertext is bound to.
import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  randomUUID,
} from "node:crypto";
import { crc32c } from "../../../src/vault/references/crc32c.ts";
import { type Asked, Refused, type Served, serveManager, type Told } from "./serve.ts";
import { signatureFault } from "./sigv4.ts";

export interface KmsServer extends Served {
  /** What TURNPIKE_KMS is to be, and what must stand beside it. */
  readonly setting: string;
  readonly env: Readonly<Record<string, string>>;
  /** Makes a new version of its key; what the former one has encrypted still decrypts. */
  rotate(): void;
}

type Body = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const bodyOf = ({ body }: Asked): Body => JSON.parse(body) as Body;

/** AES-256-GCM under one of several versions, of which the last encrypts. */
function symmetricKey() {
  const versions = [randomBytes(32)];
  return {
    rotate: () => void versions.push(randomBytes(32)),
    encrypt(plain: Buffer, bound: string): Buffer {
      const cipher = createCipheriv(
        "aes-256-gcm",
        versions.at(-1) ?? Buffer.alloc(32),
        Buffer.alloc(12, versions.length),
      );
      cipher.setAAD(Buffer.from(bound));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.from([versions.length]), cipher.getAuthTag(), sealed]);
    },
    /** Null when it is bound to something else, or was changed. */
    decrypt(bytes: Buffer, bound: string): Buffer | null {
      const number = bytes[0] ?? 0;
      const key = versions[number - 1];
      if (key === undefined) return null;
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12, number));
      decipher.setAAD(Buffer.from(bound));
      decipher.setAuthTag(bytes.subarray(1, 17));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(17)), decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}

/** AWS KMS API reference: JSON 1.1, `TrentService.Encrypt` and `.Decrypt`, an encryption context, signatures of version 4. */
export async function startAwsKms(): Promise<KmsServer> {
  const key = symmetricKey();
  const arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const user = { accessKeyId: "AKIAEXAMPLE000000001", secretAccessKey: randomBytes(30).toString("base64") };
  const wrong = (type: string): Refused => new Refused(type, { status: 400, body: { __type: type, message: type } });
  const served = await serveManager(async (asked): Promise<Told> => {
    const keyOf = (id: string) => (id === user.accessKeyId ? user : undefined);
    const fault = await signatureFault(asked, keyOf, { service: "kms", region: "eu-central-1" });
    if (fault !== null) throw wrong("IncompleteSignatureException");
    if (asked.headers["content-type"] !== "application/x-amz-json-1.1") throw wrong("SerializationException");
    const { KeyId, Plaintext, CiphertextBlob, EncryptionContext } = bodyOf(asked);
    if (KeyId !== arn) throw wrong("NotFoundException");
    const bound = JSON.stringify(EncryptionContext);
    if (asked.headers["x-amz-target"] === "TrentService.Encrypt") {
      const blob = key.encrypt(Buffer.from(text(Plaintext), "base64"), bound);
      return { status: 200, body: { KeyId: arn, CiphertextBlob: blob.toString("base64") } };
    }
    const plain = key.decrypt(Buffer.from(text(CiphertextBlob), "base64"), bound);
    if (plain === null) throw wrong("InvalidCiphertextException");
    return { status: 200, body: { KeyId: arn, Plaintext: plain.toString("base64") } };
  });
  const env = {
    AWS_ENDPOINT_URL_KMS: served.url,
    AWS_ACCESS_KEY_ID: user.accessKeyId,
    AWS_SECRET_ACCESS_KEY: user.secretAccessKey,
  };
  return Object.assign(served, { setting: `aws-kms:${arn}`, env, rotate: key.rotate });
}

/** Vault API, "Transit secrets engine": tokens, namespaces, base64, `vault:v1:` before ciphertexts, and associated data. */
export async function startTransit(): Promise<KmsServer> {
  const key = symmetricKey();
  const token = `hvs.${randomUUID()}`;
  const wrong = (status: number, why: string): Refused => new Refused(why, { status, body: { errors: [why] } });
  const served = await serveManager((asked): Told => {
    const { headers, url } = asked;
    if (headers["x-vault-token"] !== token || headers["x-vault-namespace"] !== "team")
      throw wrong(403, "permission denied");
    if (url.pathname === "/v1/auth/token/lookup-self")
      return { status: 200, body: { data: { ttl: 0, renewable: false } } };
    const { plaintext, ciphertext, associated_data } = bodyOf(asked);
    if (url.pathname === "/v1/infra/transit/encrypt/turnpike") {
      const sealed = key.encrypt(Buffer.from(text(plaintext), "base64"), text(associated_data));
      return { status: 200, body: { data: { ciphertext: `vault:v${sealed[0]}:${sealed.toString("base64")}` } } };
    }
    if (url.pathname !== "/v1/infra/transit/decrypt/turnpike") throw wrong(404, "no handler for route");
    const [, sealed] = /^vault:v\d+:(.+)$/.exec(text(ciphertext)) ?? [];
    const plain = sealed === undefined ? null : key.decrypt(Buffer.from(sealed, "base64"), text(associated_data));
    if (plain === null) throw wrong(400, "cipher: message authentication failed");
    return { status: 200, body: { data: { plaintext: plain.toString("base64") } } };
  });
  const env = { VAULT_ADDR: served.url, VAULT_TOKEN: token, VAULT_NAMESPACE: "team" };
  return Object.assign(served, { setting: "vault-transit:infra/transit/turnpike", env, rotate: key.rotate });
}

/** Cloud KMS API, `cryptoKeys.encrypt` and `.decrypt`: checksums of all that comes and goes, and the metadata server's tokens. */
export async function startGoogleKms(): Promise<KmsServer> {
  const key = symmetricKey();
  const name = "projects/p/locations/global/keyRings/ring/cryptoKeys/turnpike";
  const token = `ya29.${randomUUID()}`;
  const wrong = (code: number, status: string): Refused =>
    new Refused(status, { status: code, body: { error: { code, status, message: status } } });
  const checked = (bytes: Buffer, sum: unknown): Buffer => {
    if (sum !== String(crc32c(bytes))) throw wrong(400, "INVALID_ARGUMENT");
    return bytes;
  };
  const served = await serveManager((asked): Told => {
    const { headers, url } = asked;
    if (url.pathname.startsWith("/computeMetadata/") && headers["metadata-flavor"] === "Google") {
      return { status: 200, body: { access_token: token, expires_in: 3_599, token_type: "Bearer" } };
    }
    if (headers.authorization !== `Bearer ${token}`) throw wrong(401, "UNAUTHENTICATED");
    const body = bodyOf(asked);
    const bytes = (member: string): Buffer =>
      checked(Buffer.from(text(body[member]), "base64"), body[`${member}Crc32c`]);
    const bound = bytes("additionalAuthenticatedData").toString();
    if (url.pathname === `/v1/${name}:encrypt`) {
      const sealed = key.encrypt(bytes("plaintext"), bound);
      const told = { ciphertext: sealed.toString("base64"), ciphertextCrc32c: String(crc32c(sealed)) };
      return { status: 200, body: { name, ...told, verifiedPlaintextCrc32c: true } };
    }
    if (url.pathname !== `/v1/${name}:decrypt`) throw wrong(404, "NOT_FOUND");
    const plain = key.decrypt(bytes("ciphertext"), bound);
    if (plain === null) throw wrong(400, "INVALID_ARGUMENT");
    return { status: 200, body: { plaintext: plain.toString("base64"), plaintextCrc32c: String(crc32c(plain)) } };
  });
  const env = {
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: served.url,
    GCE_METADATA_HOST: new URL(served.url).host,
    CLOUDSDK_CONFIG: "/nonexistent",
  };
  return Object.assign(served, { setting: `gcp-kms:${name}`, env, rotate: key.rotate });
}

/** Key Vault REST API 7.4, "Get Key", "Wrap Key", "Unwrap Key" with RSA-OAEP-256, and Entra's client credentials. */
export async function startAzureKeys(): Promise<KmsServer> {
  const make = () => ({ id: randomUUID().replaceAll("-", ""), ...generateKeyPairSync("rsa", { modulusLength: 2048 }) });
  const versions = [make()];
  const [tenant, client, secret, token] = [randomUUID(), randomUUID(), randomUUID(), `ey.${randomUUID()}`];
  const wrong = (status: number, code: string): Refused =>
    new Refused(code, { status, body: { error: { code, message: code } } });
  const served = await serveManager((asked, origin): Told => {
    const { headers, method, url } = asked;
    if (url.pathname === `/${tenant}/oauth2/v2.0/token`) {
      const form = Object.fromEntries(new URLSearchParams(asked.body));
      const right =
        form.client_id === client && form.client_secret === secret && form.scope === "https://vault.azure.net/.default";
      if (!right) throw wrong(400, "invalid_client");
      return { status: 200, body: { token_type: "Bearer", access_token: token, expires_in: 3_599 } };
    }
    if (headers.authorization !== `Bearer ${token}`) throw wrong(401, "Unauthorized");
    if (url.searchParams.get("api-version") !== "7.4") throw wrong(400, "BadParameter");
    const kidOf = (id: string): string => `${origin}/keys/turnpike/${id}`;
    if (method === "GET" && url.pathname === "/keys/turnpike") {
      return { status: 200, body: { key: { kid: kidOf(versions.at(-1)?.id ?? ""), kty: "RSA" } } };
    }
    const [, id, operation] = /^\/keys\/turnpike\/(\w+)\/(wrapkey|unwrapkey)$/.exec(url.pathname) ?? [];
    const version = versions.find((one) => one.id === id);
    if (version === undefined || method !== "POST") throw wrong(404, "KeyNotFound");
    const { alg, value } = bodyOf(asked);
    if (alg !== "RSA-OAEP-256") throw wrong(400, "BadParameter");
    const bytes = Buffer.from(text(value), "base64url");
    const padding = { oaepHash: "sha256" };
    const done =
      operation === "wrapkey"
        ? publicEncrypt({ key: version.publicKey, ...padding }, bytes)
        : privateDecrypt({ key: version.privateKey, ...padding }, bytes);
    return { status: 200, body: { kid: kidOf(version.id), value: done.toString("base64url") } };
  });
  const env = {
    AZURE_KEY_VAULT_ENDPOINT: served.url,
    AZURE_AUTHORITY_HOST: served.url,
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client,
    AZURE_CLIENT_SECRET: secret,
  };
  return Object.assign(served, {
    setting: "azure-kv-key:main/turnpike",
    env,
    rotate: () => void versions.push(make()),
  });
}
