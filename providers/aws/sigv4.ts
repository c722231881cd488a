// AWS Signature Version 4: signs a request with an access key, in nothing but `node:crypto`.
import { createHash, createHmac } from "node:crypto";

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Comes with temporary keys. */
  readonly sessionToken: string | null;
}

export interface SignableRequest {
  readonly method: string;
  /** With its path encoded as it is sent, and its query. */
  readonly url: URL;
  /** Headers to sign besides `host` and those that signing adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the bytes that are sent, as text. */
  readonly body: string;
}

export interface Scope {
  readonly service: string;
  readonly region: string;
  /** The time of signing, epoch milliseconds: AWS takes a signature for five minutes around it. */
  readonly nowMs: number;
}

const algorithm = "AWS4-HMAC-SHA256";

/**
 * The headers to add to a request (AWS General Reference, "Signature Version 4 signing process"): `authorization`,
 * `x-amz-date`, and `x-amz-security-token` with temporary keys. As for every service but S3, the path is encoded a
 * second time in the canonical request.
 */
export function signV4(request: SignableRequest, keys: AwsKeys, scope: Scope): Record<string, string> {
  const time = `${new Date(scope.nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const date = time.slice(0, 8);
  const added = {
    "x-amz-date": time,
    ...(keys.sessionToken !== null && { "x-amz-security-token": keys.sessionToken }),
  };
  const signed = canonicalHeaders({ ...request.headers, ...added, host: request.url.host });
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    canonicalPath(request.url.pathname),
    canonicalQuery(request.url.searchParams),
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const credentialScope = `${date}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [algorithm, time, credentialScope, sha256(canonical)].join("\n");
  const key = [scope.region, scope.service, "aws4_request"].reduce(hmac, hmac(`AWS4${keys.secretAccessKey}`, date));
  const signature = hmac(key, toSign).toString("hex");
  return {
    ...added,
    authorization: `${algorithm} Credential=${keys.accessKeyId}/${credentialScope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function canonicalHeaders(headers: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/\s+/g, " ")] as const)
    .sort(([a], [b]) => compare(a, b));
}

/** Empty segments stay: they are part of the path that is sent, and only S3's are normalised away. */
function canonicalPath(pathname: string): string {
  return pathname.split("/").map(encodeStrictly).join("/");
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Every byte but letters, digits and `-._~` (RFC 3986 "unreserved"). */
export function encodeStrictly(text: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, percent);
}

/** By code unit, as AWS sorts; not by a locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}
