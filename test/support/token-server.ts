// A strict OAuth token endpoint on 127.0.0.1: it checks every grant as the real ones do, and counts what it issues.
import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface TokenServer {
  /** The endpoint: Google's; Entra's and IBM's are below `origin`. */
  readonly url: string;
  readonly origin: string;
  /** The text of a service account's key file, whose grants are taken. */
  readonly serviceAccount: string;
  /** The key inside it, without its armour: what nobody may ever see. */
  readonly keyMaterial: string;
  /** Every form that came, in order. */
  readonly asked: readonly Readonly<Record<string, string>>[];
  /** The tokens that it gave out. */
  readonly issued: readonly string[];
  /** The status of the next answers instead of their own; null for their own. */
  status: number | null;
  /** Breaks connections instead of answering. */
  broken: boolean;
  /** Seconds that tokens live. */
  life: number | string;
  /** Why grants were refused. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

export const clientEmail = "gateway@my-project.iam.gserviceaccount.com";
export const ibmKey = "ibm-cloud-api-key-0123456789";
export const entraSecret = "entra-client-secret-0123456789";
const keyId = "key-1";
const scope = "https://www.googleapis.com/auth/cloud-platform";
/** How far clocks may differ, seconds. */
const skewS = 300;

/** Starts the endpoint. Assertions are checked against `now`. */
export async function startTokenServer(now: () => number = Date.now): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const asked: Record<string, string>[] = [];
  const refusals: string[] = [];
  const issued: string[] = [];
  const server = createServer(async (request, response) => {
    if (state.broken) {
      request.socket.destroy();
      return;
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const form = Object.fromEntries(new URLSearchParams(text));
    asked.push(form);
    const type = request.headers["content-type"] ?? "";
    const wrong =
      request.method !== "POST" || type !== "application/x-www-form-urlencoded"
        ? `${request.method} ${type}`
        : refusalOf(request.url ?? "", form, { url, publicKey, nowS: now() / 1000 });
    if (wrong !== null) refusals.push(wrong);
    const status = state.status ?? (wrong === null ? 200 : 400);
    const token = `token-${asked.length}`;
    if (status === 200) issued.push(token);
    const body =
      status === 200
        ? { access_token: token, token_type: "Bearer", expires_in: state.life }
        : { error: "invalid_grant", error_description: `no: ${text}` };
    // Time for others to join, where a test sends many at once.
    setTimeout(() => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)), 20);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/token`;
  const state = { status: null as number | null, broken: false, life: 3599 as number | string };
  return Object.assign(state, {
    url,
    origin,
    serviceAccount: JSON.stringify({
      type: "service_account",
      project_id: "my-project",
      private_key_id: keyId,
      private_key: pem,
      client_email: clientEmail,
      token_uri: url,
    }),
    keyMaterial: pem.split("\n").slice(1, 3).join(""),
    asked,
    issued,
    refusals,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

interface Expected {
  readonly url: string;
  readonly publicKey: KeyObject;
  readonly nowS: number;
}

/** What is wrong with a grant; null when nothing is. */
function refusalOf(path: string, form: Readonly<Record<string, string>>, expected: Expected): string | null {
  if (path === "/my-tenant/oauth2/v2.0/token") {
    const { grant_type, client_id, client_secret, scope } = form;
    const right =
      grant_type === "client_credentials" &&
      client_id === "my-client" &&
      client_secret === entraSecret &&
      scope === "https://cognitiveservices.azure.com/.default";
    return right ? null : "client credentials";
  }
  if (path === "/identity/token") {
    const right = form.grant_type === "urn:ibm:params:oauth:grant-type:apikey" && form.apikey === ibmKey;
    return right ? null : "API key";
  }
  if (path !== "/token") return path;
  if (form.grant_type === "refresh_token") return form.refresh_token === "refresh-me" ? null : "refresh token";
  if (form.grant_type !== "urn:ietf:params:oauth:grant-type:jwt-bearer") return `grant type ${form.grant_type}`;
  return assertionRefusal(form.assertion ?? "", expected);
}

function assertionRefusal(assertion: string, { url, publicKey, nowS }: Expected): string | null {
  const [head = "", body = "", signature = "", ...more] = assertion.split(".");
  if (more.length > 0) return "parts";
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const { alg, kid } = read(head);
  if (alg !== "RS256" || kid !== keyId) return "header";
  if (!verify("RSA-SHA256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url"))) {
    return "signature";
  }
  const claims = read(body);
  const { iat, exp } = claims as { iat: number; exp: number };
  if (claims.aud !== url) return "audience";
  if (claims.iss !== clientEmail) return "issuer";
  if (claims.scope !== scope) return "scope";
  if (!Number.isInteger(iat) || Math.abs(iat - nowS) > skewS) return "issued at";
  return Number.isInteger(exp) && exp > nowS && exp - iat <= 3600 ? null : "expiry";
}
