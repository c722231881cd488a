// A strict Vault: tokens with lives and limits, logins, namespaces, both key-value engines, and a database engine whose users are on loan.
import { randomUUID } from "node:crypto";
import { type Asked, Refused, type Served, serveManager, type Told } from "./serve.ts";
import type { TokenIssuer } from "./tokens.ts";

export interface VaultServer extends Served {
  readonly rootToken: string;
  readonly roleId: string;
  /** A new secret id; a used-up one is refused. */
  secretId(uses?: number): string;
  readonly state: {
    sealed: boolean;
    /** Seconds that tokens of logins live at first, and at most; whether they can be renewed. */
    tokens: Lives;
    /** Seconds that database users live. */
    leases: Lives;
  };
  /** Puts a version into a key-value engine: `secret/…` is of the second version, `kv1/…` of the first. */
  put(path: string, data: Readonly<Record<string, unknown>>, namespace?: string): void;
  /** Deletes a version of `secret/…`, as `vault kv delete` does. */
  remove(path: string, version: number): void;
  /** Database users whose lease has not ended. */
  users(): readonly string[];
  /** Makes every token of a login unknown. */
  revokeTokens(): void;
  token(ttl: number, options?: { readonly renewable?: boolean }): string;
}

interface Lives {
  readonly ttl: number;
  readonly maxTtl: number;
  readonly renewable: boolean;
}

interface Token {
  readonly namespace: string;
  readonly bornMs: number;
  endsMs: number;
  readonly maxMs: number;
  readonly renewable: boolean;
}

interface LeaseOf {
  readonly user: string;
  readonly token: string;
  readonly bornMs: number;
  endsMs: number;
}

export interface VaultServerOptions {
  now?(): number;
  /** Who signs the tokens of pods, for `auth/kubernetes` and `auth/jwt`. */
  readonly issuer?: TokenIssuer;
}

const denied = (why: string): Refused => new Refused(why, { status: 403, body: { errors: ["permission denied"] } });
const invalid = (why: string): Refused => new Refused(why, { status: 400, body: { errors: [why] } });
const never = Number.MAX_SAFE_INTEGER;

export async function startVaultServer({ now = Date.now, issuer }: VaultServerOptions = {}): Promise<VaultServer> {
  const rootToken = `hvs.${randomUUID()}`;
  const roleId = randomUUID();
  const secretIds = new Map<string, number>();
  const tokens = new Map<string, Token>([
    [rootToken, { namespace: "", bornMs: now(), endsMs: never, maxMs: never, renewable: false }],
  ]);
  const versions = new Map<string, (Readonly<Record<string, unknown>> | null)[]>();
  const leases = new Map<string, LeaseOf>();
  const state = {
    sealed: false,
    tokens: { ttl: 1_200, maxTtl: 3_600, renewable: true },
    leases: { ttl: 600, maxTtl: 1_800, renewable: true },
  };

  function issue(namespace: string, ttl: number, maxTtl: number, renewable: boolean): Told {
    const text = `hvs.${randomUUID()}`;
    tokens.set(text, {
      namespace,
      bornMs: now(),
      endsMs: now() + ttl * 1_000,
      maxMs: now() + maxTtl * 1_000,
      renewable,
    });
    return {
      status: 200,
      body: { auth: { client_token: text, lease_duration: ttl, renewable, policies: ["default"] } },
    };
  }

  async function logIn(method: string, namespace: string, body: Readonly<Record<string, unknown>>): Promise<Told> {
    if (method === "approle") {
      const left = secretIds.get(String(body.secret_id)) ?? 0;
      if (body.role_id !== roleId || left <= 0) throw invalid("invalid role or secret ID");
      secretIds.set(String(body.secret_id), left - 1);
    } else {
      const audience = method === "jwt" ? "vault" : "https://kubernetes.default.svc";
      const subject = await issuer?.subjectOf(String(body.jwt), audience);
      if (body.role !== "turnpike" || subject !== "system:serviceaccount:llm:turnpike")
        throw denied("token not of the role");
    }
    const { ttl, maxTtl, renewable } = state.tokens;
    return issue(namespace, ttl, maxTtl, renewable);
  }

  function authorised({ headers }: Asked, namespace: string): { readonly text: string; readonly token: Token } {
    const text = headers["x-vault-token"] ?? "";
    const token = tokens.get(text);
    if (token === undefined || token.endsMs <= now()) throw denied("token unknown or over");
    // A token serves in its own namespace and those below.
    const within =
      token.namespace === "" || namespace === token.namespace || namespace.startsWith(`${token.namespace}/`);
    if (!within) throw denied("token of another namespace");
    return { text, token };
  }

  function lifeLeft({ endsMs }: { endsMs: number }): number {
    return endsMs === never ? 0 : Math.floor((endsMs - now()) / 1_000);
  }

  function prolong(one: { endsMs: number }, ttl: number, maxMs: number): void {
    one.endsMs = Math.min(now() + ttl * 1_000, maxMs);
  }

  const isLive = ({ token, endsMs }: LeaseOf): boolean => endsMs > now() && (tokens.get(token)?.endsMs ?? 0) > now();

  function answer(asked: Asked): Told | Promise<Told> {
    if (state.sealed) return { status: 503, body: { errors: ["Vault is sealed"] } };
    const namespace = asked.headers["x-vault-namespace"] ?? "";
    const path = decodeURIComponent(asked.url.pathname).replace(/^\/v1\//, "");
    const body = asked.body === "" ? {} : (JSON.parse(asked.body) as Record<string, unknown>);
    const login = /^auth\/(approle|kubernetes|jwt)\/login$/.exec(path)?.[1];
    if (login !== undefined && asked.method === "POST") return logIn(login, namespace, body);
    const { text, token } = authorised(asked, namespace);
    if (path === "auth/token/lookup-self") {
      return { status: 200, body: { data: { ttl: lifeLeft(token), renewable: token.renewable } } };
    }
    if (path === "auth/token/renew-self") {
      if (asked.method !== "POST" || !token.renewable) throw invalid("lease is not renewable");
      prolong(token, state.tokens.ttl, token.maxMs);
      return { status: 200, body: { auth: { client_token: text, lease_duration: lifeLeft(token), renewable: true } } };
    }
    if (path === "sys/leases/renew") {
      const lease = leases.get(String(body.lease_id));
      if (lease === undefined || !isLive(lease)) throw invalid("lease not found");
      if (!state.leases.renewable) throw invalid("lease is not renewable");
      prolong(lease, state.leases.ttl, lease.bornMs + state.leases.maxTtl * 1_000);
      return { status: 200, body: { lease_id: body.lease_id, lease_duration: lifeLeft(lease), renewable: true } };
    }
    const mount = /^sys\/internal\/ui\/mounts\/(secret|kv1|database)\//.exec(path)?.[1];
    if (mount !== undefined) {
      const options = mount === "database" ? null : { version: mount === "secret" ? "2" : "1" };
      return { status: 200, body: { data: { path: `${mount}/`, type: mount === "database" ? mount : "kv", options } } };
    }
    if (asked.method !== "GET") throw denied("not to be written");
    if (path.startsWith("secret/data/")) return versioned(`${namespace}:secret/${path.slice(12)}`, asked.url);
    if (path.startsWith("kv1/")) {
      const data = versions.get(`${namespace}:${path}`)?.at(-1);
      if (data === undefined) throw new Refused("no such secret", { status: 404, body: { errors: [] } });
      return { status: 200, body: { lease_id: "", renewable: false, lease_duration: 2_764_800, data } };
    }
    if (path === "database/creds/llm") return lend(text);
    throw denied(`no policy for ${path}`);
  }

  function versioned(key: string, url: URL): Told {
    const all = versions.get(key) ?? [];
    const number = Number(url.searchParams.get("version") ?? 0) || all.length;
    const data = all[number - 1];
    if (data === undefined) throw new Refused("no such version", { status: 404, body: { errors: [] } });
    const metadata = { version: number, destroyed: false, deletion_time: data === null ? "2026-01-01T00:00:00Z" : "" };
    return { status: data === null ? 404 : 200, body: { lease_id: "", lease_duration: 0, data: { data, metadata } } };
  }

  function lend(token: string): Told {
    const user = `v-llm-${randomUUID()}`;
    const id = `database/creds/llm/${randomUUID()}`;
    const { ttl, renewable } = state.leases;
    leases.set(id, { user, token, bornMs: now(), endsMs: now() + ttl * 1_000 });
    const data = { username: user, password: `password-of-${user}` };
    return { status: 200, body: { lease_id: id, lease_duration: ttl, renewable, data } };
  }

  const served = await serveManager(answer);
  return Object.assign(served, {
    state,
    rootToken,
    roleId,
    secretId(uses = never) {
      const id = randomUUID();
      secretIds.set(id, uses);
      return id;
    },
    put(path: string, data: Readonly<Record<string, unknown>>, namespace = "") {
      const key = `${namespace}:${path}`;
      versions.set(key, [...(versions.get(key) ?? []), data]);
    },
    remove(path: string, version: number) {
      const all = versions.get(`:${path}`);
      if (all !== undefined) all[version - 1] = null;
    },
    users: () => [...leases.values()].filter(isLive).map(({ user }) => user),
    revokeTokens() {
      for (const [text] of tokens) if (text !== rootToken) tokens.delete(text);
    },
    token(ttl: number, { renewable = true }: { readonly renewable?: boolean } = {}) {
      const told = issue("", ttl, ttl * 3, renewable).body as { auth: { client_token: string } };
      return told.auth.client_token;
    },
  });
}
