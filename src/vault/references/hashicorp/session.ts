// A session at Vault: a token that is got by logging in, renewed while that can be done, and got anew where it can't.
import { type Answer, ask, objectOf, refusal } from "../http.ts";
import { ManagerError, type ManagerHost } from "../manager.ts";
import type { Login, Stated, VaultSettings } from "./settings.ts";

export interface VaultRequest {
  /** Below `/v1/`. */
  readonly path: string;
  /** Null for the session's own. */
  readonly namespace?: string | null;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface VaultSession {
  /**
   * Vault's answer, whatever its status but 403. A token that Vault knows no more is replaced, and the request is sent again.
   * @throws ManagerError.
   */
  ask(request: VaultRequest): Promise<Answer>;
  close(): void;
}

interface Token {
  readonly text: string;
  readonly lifeMs: number;
  readonly renewable: boolean;
}

const who = "Vault";
/** A token is renewed after this share of its life. */
const share = 2 / 3;
/** One that is renewed for less than this share of its first life nears the longest life that it may have. */
const nearlyOver = 1 / 2;
const retryMs = 10_000;

/** Nothing is asked before the first request. */
export function openSession({ address, namespace, login }: VaultSettings, host: ManagerHost): VaultSession {
  let token: Token | null = null;
  let entering: Promise<Token> | null = null;
  let cancel = (): void => {};
  let closed = false;

  function send({ path, namespace: own, body }: VaultRequest, as: string | null): Promise<Answer> {
    const space = own ?? namespace;
    return ask(who, `${address}/v1/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        // Vault's agents ask for it, so that no other page's request can pass for one.
        "x-vault-request": "true",
        ...(as !== null && { "x-vault-token": as }),
        ...(space !== null && { "x-vault-namespace": space }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Once for all who need a token at the same time. */
  function enter(): Promise<Token> {
    entering ??= logIn().finally(() => {
      entering = null;
    });
    return entering;
  }

  async function logIn(): Promise<Token> {
    const entered = login.method === "token" ? await givenToken(login.token) : await loggedIn(login);
    if (token !== null) host.onLeasesEnd();
    token = entered;
    keep(entered, entered.lifeMs);
    return entered;
  }

  /** Vault API, `auth/token/lookup-self`. */
  async function givenToken(stated: Stated): Promise<Token> {
    const text = await read(stated, host);
    const answer = await send({ path: "auth/token/lookup-self" }, text);
    if (answer.status !== 200) throw refusal("Vault, asked about the token,", answer);
    const { ttl, renewable } = objectOf(answer.body.data);
    return { text, lifeMs: Number(ttl) * 1_000 || 0, renewable: renewable === true };
  }

  /** Vault API, `auth/approle/login`, `auth/kubernetes/login`, `auth/jwt/login`. */
  async function loggedIn(how: Exclude<Login, { method: "token" }>): Promise<Token> {
    const body =
      how.method === "approle"
        ? { role_id: how.roleId, ...(how.secretId !== null && { secret_id: await read(how.secretId, host) }) }
        : { role: how.role, jwt: await read(how.jwt, host) };
    const answer = await send({ path: `auth/${how.mount}/login`, body }, null);
    const { client_token, lease_duration, renewable } = objectOf(answer.body.auth);
    if (answer.status !== 200 || typeof client_token !== "string") {
      const refused = refusal(`Vault's login by ${how.method}`, answer);
      throw new ManagerError("refused", refused.message);
    }
    return { text: client_token, lifeMs: Number(lease_duration) * 1_000 || 0, renewable: renewable === true };
  }

  /** Tokens without a life do not end. */
  function keep(kept: Token, leftMs: number): void {
    cancel();
    if (closed || kept.lifeMs === 0) return;
    cancel = host.later(leftMs * share, () => void prolong(kept));
  }

  /** Vault API, `auth/token/renew-self`. */
  async function prolong(kept: Token): Promise<void> {
    try {
      const answer = kept.renewable ? await send({ path: "auth/token/renew-self", body: {} }, kept.text) : null;
      if (closed || token !== kept) return;
      const leftMs = answer?.status === 200 ? Number(objectOf(answer.body.auth).lease_duration) * 1_000 : 0;
      if (leftMs >= kept.lifeMs * nearlyOver) return keep(kept, leftMs);
      await enter();
    } catch {
      // Whoever needs the token next is told.
      if (!closed) cancel = host.later(Math.min(retryMs, kept.lifeMs / 10), () => void prolong(kept));
    }
  }

  /** Vault answers 403 to a token that it does not know as to one that may not: it is asked which. */
  async function isKnown(kept: Token): Promise<boolean> {
    return (await send({ path: "auth/token/lookup-self" }, kept.text)).status === 200;
  }

  return {
    async ask(request) {
      const before = token;
      let used = before ?? (await enter());
      let answer = await send(request, used.text);
      if (answer.status === 403 && before !== null && !(await isKnown(used))) {
        used = token === used ? await enter() : (token ?? (await enter()));
        answer = await send(request, used.text);
      }
      if (answer.status !== 403) return answer;
      throw new ManagerError("refused", "Vault does not let our token read it.");
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

async function read(stated: Stated, host: ManagerHost): Promise<string> {
  if ("text" in stated) return stated.text;
  const text = await host.readFile(stated.file).catch(() => "");
  if (text.trim() === "") throw new ManagerError("settings", `The file ${stated.file} can't be read, or is empty.`);
  return text.trim();
}
