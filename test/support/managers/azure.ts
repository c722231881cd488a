// A strict Azure: Key Vault, Microsoft Entra's token endpoint, and the endpoints of machines' identities, at one address.
import { randomUUID } from "node:crypto";
import { type Asked, Refused, type Served, serveManager, type Told } from "./serve.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface AzureServer extends Served {
  readonly tenant: string;
  readonly client: string;
  readonly clientSecret: string;
  /** What App Service gives to its apps. */
  readonly identityHeader: string;
  /** A new version of a secret of the vault; returns its id. */
  put(name: string, value: string, attributes?: Readonly<Record<string, unknown>>): string;
  /** Which kinds of identity were given tokens, in order. */
  readonly identities: readonly string[];
}

interface Version {
  readonly id: string;
  readonly value: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const resource = "https://vault.azure.net";
const lifeS = 3_599;

export async function startAzureServer(issuer?: TokenIssuer): Promise<AzureServer> {
  const tenant = randomUUID();
  const client = randomUUID();
  const clientSecret = randomUUID();
  const identityHeader = randomUUID();
  const tokens = new Set<string>();
  const secrets = new Map<string, Version[]>();
  const identities: string[] = [];
  const wrong = (status: number, code: string): Refused =>
    new Refused(code, { status, body: { error: { code, message: code } } });

  function issue(kind: string, more: Readonly<Record<string, unknown>> = { expires_in: lifeS }): Told {
    const token = `ey.${randomUUID()}`;
    tokens.add(token);
    identities.push(kind);
    return { status: 200, body: { token_type: "Bearer", access_token: token, ...more } };
  }

  /** Microsoft identity platform, "OAuth 2.0 client credentials flow". */
  async function exchange({ body, headers }: Asked): Promise<Told> {
    const form = Object.fromEntries(new URLSearchParams(body));
    const refused = (why: string): Refused => new Refused(why, { status: 400, body: { error: why } });
    if (headers["content-type"] !== "application/x-www-form-urlencoded") throw refused("invalid_request");
    if (form.grant_type !== "client_credentials" || form.client_id !== client) throw refused("invalid_client");
    if (form.scope !== `${resource}/.default`) throw refused("invalid_scope");
    if (form.client_assertion === undefined) {
      if (form.client_secret !== clientSecret) throw refused("invalid_client");
      return issue("secret");
    }
    const subject = await issuer?.subjectOf(form.client_assertion, "api://AzureADTokenExchange");
    const isJwt = form.client_assertion_type === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if (!isJwt || subject !== "system:serviceaccount:llm:turnpike") throw refused("invalid_client");
    return issue("workload");
  }

  function machine({ url, headers }: Asked): Told {
    const onService = url.pathname === "/msi/token";
    const version = onService ? "2019-08-01" : "2018-02-01";
    const proof = onService ? headers["x-identity-header"] === identityHeader : headers.metadata === "true";
    const right =
      proof && url.searchParams.get("api-version") === version && url.searchParams.get("resource") === resource;
    if (!right) throw new Refused("identity endpoint", { status: 400, body: { error: "invalid_request" } });
    return onService
      ? issue("app-service", { expires_on: String(Math.floor(Date.now() / 1_000) + lifeS) })
      : issue("instance", { expires_in: String(lifeS) });
  }

  function read({ url, headers }: Asked, origin: string): Told {
    if (!tokens.has((headers.authorization ?? "").replace(/^Bearer /, ""))) throw wrong(401, "Unauthorized");
    if (url.searchParams.get("api-version") !== "7.4") throw wrong(400, "BadParameter");
    const [, , name = "", id = ""] = url.pathname.split("/");
    const versions = secrets.get(name) ?? [];
    const found = id === "" ? versions.at(-1) : versions.find((one) => one.id === id);
    if (found === undefined) throw wrong(404, "SecretNotFound");
    if (found.attributes.enabled === false) throw wrong(403, "Forbidden");
    return {
      status: 200,
      body: { value: found.value, id: `${origin}/secrets/${name}/${found.id}`, attributes: found.attributes },
    };
  }

  const served = await serveManager((asked, origin) => {
    const { pathname } = asked.url;
    if (asked.method === "POST" && pathname === `/${tenant}/oauth2/v2.0/token`) return exchange(asked);
    if (asked.method !== "GET") throw wrong(405, "MethodNotAllowed");
    if (pathname === "/msi/token" || pathname === "/metadata/identity/oauth2/token") return machine(asked);
    if (pathname.startsWith("/secrets/")) return read(asked, origin);
    throw wrong(404, "NotFound");
  });
  return Object.assign(served, {
    tenant,
    client,
    clientSecret,
    identityHeader,
    identities,
    put(name: string, value: string, attributes: Readonly<Record<string, unknown>> = {}) {
      const id = randomUUID().replaceAll("-", "");
      secrets.set(name, [...(secrets.get(name) ?? []), { id, value, attributes: { enabled: true, ...attributes } }]);
      return id;
    },
  });
}
