// A strict Google Secret Manager, with the metadata server of machines and the security token service for identities of others.
import { randomUUID } from "node:crypto";
import { type Asked, Refused, type Served, serveManager, type Told } from "./serve.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface GoogleServer extends Served {
  /** A new version of a secret; returns its number. */
  put(secret: string, value: string): string;
  disable(secret: string, version: string): void;
  /** Spoils the checksums of the answers. */
  damaged(on: boolean): void;
}

export interface GoogleServerOptions {
  /** Whether a token of another endpoint is taken. */
  accepts?(token: string): boolean;
  readonly issuer?: TokenIssuer;
}

export const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster";
const scope = "https://www.googleapis.com/auth/cloud-platform";

export async function startGoogleServer({ accepts, issuer }: GoogleServerOptions = {}): Promise<GoogleServer> {
  const tokens = new Set<string>();
  const secrets = new Map<string, { value: string; enabled: boolean }[]>();
  const own = { damaged: false };
  const wrong = (code: number, status: string): Refused =>
    new Refused(status, { status: code, body: { error: { code, status, message: status } } });

  function issue(): Told {
    const token = `ya29.${randomUUID()}`;
    tokens.add(token);
    return { status: 200, body: { access_token: token, expires_in: 3_599, token_type: "Bearer" } };
  }

  /** Security Token Service API, `token` (RFC 8693). */
  async function exchange({ body }: Asked): Promise<Told> {
    const form = Object.fromEntries(new URLSearchParams(body));
    const right =
      form.grant_type === "urn:ietf:params:oauth:grant-type:token-exchange" &&
      form.audience === audience &&
      form.scope === scope &&
      form.subject_token_type === "urn:ietf:params:oauth:token-type:jwt" &&
      (await issuer?.subjectOf(form.subject_token ?? "", audience)) === "system:serviceaccount:llm:turnpike";
    if (!right) throw new Refused("subject token", { status: 400, body: { error: "invalid_grant" } });
    return issue();
  }

  function access({ url, headers }: Asked): Told {
    const token = (headers.authorization ?? "").replace(/^Bearer /, "");
    if (!tokens.has(token) && accepts?.(token) !== true) throw wrong(401, "UNAUTHENTICATED");
    const [, secret = "", named = ""] =
      /^\/v1\/(.+)\/versions\/(\w+):access$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const versions = secrets.get(secret) ?? [];
    const number = named === "latest" ? versions.length : Number(named);
    const version = versions[number - 1];
    if (version === undefined) throw wrong(404, "NOT_FOUND");
    if (!version.enabled) throw wrong(400, "FAILED_PRECONDITION");
    const bytes = Buffer.from(version.value);
    const dataCrc32c = String((checksum(bytes) + (own.damaged ? 1 : 0)) >>> 0);
    return {
      status: 200,
      body: { name: `${secret}/versions/${number}`, payload: { data: bytes.toString("base64"), dataCrc32c } },
    };
  }

  const served = await serveManager((asked) => {
    const { pathname } = asked.url;
    if (pathname === "/computeMetadata/v1/instance/service-accounts/default/token") {
      if (asked.headers["metadata-flavor"] !== "Google") throw wrong(403, "PERMISSION_DENIED");
      return issue();
    }
    if (asked.method === "POST" && pathname === "/sts") return exchange(asked);
    if (asked.method !== "GET") throw wrong(404, "NOT_FOUND");
    return access(asked);
  });
  return Object.assign(served, {
    put(secret: string, value: string) {
      const versions = [...(secrets.get(secret) ?? []), { value, enabled: true }];
      secrets.set(secret, versions);
      return String(versions.length);
    },
    disable(secret: string, version: string) {
      const found = secrets.get(secret)?.[Number(version) - 1];
      if (found !== undefined) found.enabled = false;
    },
    damaged: (on: boolean) => {
      own.damaged = on;
    },
  });
}

/** CRC-32C bit by bit, as its definition says: no table that could hold the same mistake as ours. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}
