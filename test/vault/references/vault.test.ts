// Vault is spoken to as its API says: engines, versions, namespaces, logins, the lives of tokens, and what is on loan.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTokenIssuer, type TokenIssuer } from "../../support/managers/tokens.ts";
import { startVaultServer, type VaultServer } from "../../support/managers/vault.ts";
import { heldTime, read, type Time } from "./opened.ts";

let issuer: TokenIssuer;
let folder: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  issuer = await createTokenIssuer();
  folder = mkdtempSync(join(tmpdir(), "turnpike-vault-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface World {
  readonly server: VaultServer;
  readonly time: Time;
  open(reference: string, identity?: Readonly<Record<string, string>>): ReturnType<typeof read>;
}

async function world(): Promise<World> {
  const time = heldTime();
  const server = await startVaultServer({ now: time.now, issuer });
  closing.push(() => server.close());
  return {
    server,
    time,
    async open(reference, identity = { VAULT_TOKEN: server.rootToken }) {
      const opened = await read({ VAULT_ADDR: `${server.url}/`, ...identity }, reference, { time });
      closing.push(() => opened.references.close());
      return opened;
    },
  };
}

const minute = 60_000;
const paths = (server: VaultServer): readonly string[] => server.asked.map(({ url }) => url.pathname);
const count = (server: VaultServer, path: string): number => paths(server).filter((one) => one === path).length;
const login = "/v1/auth/approle/login";
const renewal = "/v1/auth/token/renew-self";

describe("a secret in Vault", () => {
  it("is read from either version of the key-value engine, which Vault itself tells", async () => {
    const { server, open } = await world();
    server.put("secret/team/openai", { key: "of-version-2" });
    server.put("kv1/openai", { key: "of-version-1" });
    const second = await open("vault:secret/team/openai#key");
    const first = await open("vault:kv1/openai");
    expect([second.value(), first.value()]).toEqual(["of-version-2", "of-version-1"]);
    expect([second.state().version, first.state().version]).toEqual(["1", null]);
  });

  it("is read without asking for the engine where the reference names it", async () => {
    const { server, open } = await world();
    server.put("secret/openai", { key: "value" });
    expect((await open("vault:secret/openai?engine=kv-v2")).value()).toBe("value");
    expect(paths(server).filter((path) => path.includes("/mounts/"))).toEqual([]);
  });

  it("is read in the version that the reference pins", async () => {
    const { server, open } = await world();
    for (const key of ["one", "two", "three"]) server.put("secret/openai", { key });
    expect((await open("vault:secret/openai#key@2")).value()).toBe("two");
    expect((await open("vault:secret/openai#key?version=1")).value()).toBe("one");
  });

  it("is read in the namespace of the environment, or in that of the reference", async () => {
    const { server, open } = await world();
    server.put("secret/openai", { key: "of-root" });
    server.put("secret/openai", { key: "of-the-team" }, "team");
    server.put("secret/openai", { key: "of-the-project" }, "team/project");
    const identity = { VAULT_TOKEN: server.rootToken, VAULT_NAMESPACE: "team" };
    expect((await open("vault:secret/openai")).value()).toBe("of-root");
    expect((await open("vault:secret/openai", identity)).value()).toBe("of-the-team");
    expect((await open("vault:secret/openai?namespace=team/project", identity)).value()).toBe("of-the-project");
  });

  it.each([
    ["vault:secret/none#key", "Vault answered with HTTP status 404."],
    ["vault:secret/openai#key@7", "Vault answered with HTTP status 404."],
    ["vault:secret/openai#key@1", "this version was deleted in Vault."],
    ["vault:secret/openai#none", "it has no field `none`."],
    ["vault:other/openai#key", "Vault does not let our token read it."],
    ["vault:kv1/openai#key@2", "Only the key-value engine's second version has versions."],
  ])("that is not there is told of: %s", async (reference, message) => {
    const { server, open } = await world();
    server.put("secret/openai", { key: "deleted" });
    server.put("secret/openai", { key: "there" });
    server.remove("secret/openai", 1);
    server.put("kv1/openai", { key: "there" });
    expect((await open(reference)).state()).toMatchObject({ status: "waiting", lastError: { message } });
  });

  it("is waited for while Vault is sealed", async () => {
    const { server, time, open } = await world();
    server.put("secret/openai", { key: "value" });
    server.state.sealed = true;
    const { value, state } = await open("vault:secret/openai");
    expect(state().lastError?.message).toBe("Vault answered with HTTP status 503.");
    server.state.sealed = false;
    time.pass(minute);
    await expect.poll(value).toBe("value");
  });
});

describe("who we are at Vault", () => {
  it("is proved by a token, in the environment or in a file that is written anew", async () => {
    const { server, time, open } = await world();
    server.put("secret/openai", { key: "value" });
    const file = join(folder, "token");
    writeFileSync(file, `${server.token(300, { renewable: false })}\n`);
    const { value, state } = await open("vault:secret/openai", { VAULT_TOKEN_FILE: file });
    expect(value()).toBe("value");
    writeFileSync(file, server.token(3_000));
    time.pass(6 * minute);
    server.put("secret/openai", { key: "second" });
    time.pass(5 * minute);
    await expect.poll(value).toBe("second");
    expect(state().failures).toBe(0);
  });

  it("is proved by AppRole, whose secret id may be used once", async () => {
    const { server, open } = await world();
    server.put("secret/openai", { key: "value" });
    const identity = { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId(1) };
    expect((await open("vault:secret/openai", identity)).value()).toBe("value");
    expect((await open("vault:secret/openai", identity)).state().lastError?.message).toBe(
      "Vault's login by approle answered with HTTP status 400.",
    );
  });

  it.each([
    ["kubernetes", "https://kubernetes.default.svc"],
    ["jwt", "vault"],
  ])("is proved by a signed token, at auth/%s", async (method, audience) => {
    const { server, open } = await world();
    server.put("secret/openai", { key: "value" });
    const file = join(folder, method);
    const identity = { VAULT_AUTH_METHOD: method, VAULT_ROLE: "turnpike", VAULT_JWT_FILE: file };
    writeFileSync(file, await issuer.sign("system:serviceaccount:llm:turnpike", audience));
    expect((await open("vault:secret/openai", identity)).value()).toBe("value");
    writeFileSync(file, await issuer.sign("system:serviceaccount:llm:turnpike", "another audience"));
    expect((await open("vault:secret/openai", identity)).state().status).toBe("waiting");
  });

  it("is named as OpenBao's tools name it, too", async () => {
    const { server } = await world();
    server.put("secret/openai", { key: "value" });
    const { value } = await read({ BAO_ADDR: server.url, BAO_TOKEN: server.rootToken }, "vault:secret/openai");
    expect(value()).toBe("value");
  });

  it.each([
    [{}, "VAULT_ADDR must say where Vault is."],
    [{ VAULT_ADDR: "http://127.0.0.1:9" }, "must say who we are."],
    [{ VAULT_ADDR: "http://127.0.0.1:9", VAULT_ROLE: "r" }, "serviceaccount/token can't be read, or is empty."],
  ])("is asked for where it is missing: %j", async (env, message) => {
    const { state } = await read(env, "vault:secret/openai#key");
    expect(state().lastError?.message).toContain(message);
  });
});

describe("the token of a login", () => {
  async function loggedIn() {
    const { server, open } = await world();
    server.put("secret/openai", { key: "value" });
    const identity = { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId() };
    return { server, ...(await open("vault:secret/openai#key?ttl=1h", identity)) };
  }

  it("is renewed after two thirds of its life, for as long as it may live, and then got anew", async () => {
    const { server, time } = await loggedIn();
    for (let renewals = 1; renewals <= 3; renewals++) {
      time.pass(1_200_000 * (2 / 3) + 1);
      await expect.poll(() => count(server, renewal)).toBe(renewals);
      expect(count(server, login)).toBe(1);
      // The next renewal and the next read wait for their time.
      await expect.poll(time.waiting).toBe(2);
    }
    time.pass(1_200_000 * (2 / 3) + 1);
    await expect.poll(() => count(server, login)).toBe(2);
    expect(server.refusals).toEqual([]);
  });

  it("is got anew where it can't be renewed", async () => {
    const { server, time, open } = await world();
    server.state.tokens = { ttl: 300, maxTtl: 300, renewable: false };
    server.put("secret/openai", { key: "value" });
    await open("vault:secret/openai#key?ttl=1h", { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId() });
    time.pass(200_001);
    await expect.poll(() => count(server, login)).toBe(2);
    expect(count(server, renewal)).toBe(0);
  });

  it("is got anew when Vault knows it no more, and the read goes on", async () => {
    const { server, source } = await loggedIn();
    server.revokeTokens();
    server.put("secret/openai", { key: "second" });
    expect(await source.renew(source.current())).toBe(true);
    expect(source.current().reveal()).toBe("second");
    expect(count(server, login)).toBe(2);
  });

  it("is not got anew because it may not read something", async () => {
    const { server, references } = await loggedIn();
    const forbidden = references.sourceOf("vault:other/openai#key?engine=kv-v1");
    await expect.poll(() => forbidden?.describe()[0]?.failures).toBe(1);
    expect(count(server, login)).toBe(1);
  });
});

describe("a secret on loan", () => {
  async function lent(leases: VaultServer["state"]["leases"]) {
    const { server, open } = await world();
    server.state.leases = leases;
    server.state.tokens = { ttl: 36_000, maxTtl: 72_000, renewable: true };
    const identity = { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId() };
    const user = await open("vault:database/creds/llm#username", identity);
    const password = user.references.sourceOf("vault:database/creds/llm#password");
    await expect.poll(() => user.state().status).toBe("fresh");
    return { server, ...user, password: () => password?.current().reveal() };
  }

  it("is one for all the fields that are referred to", async () => {
    const { server, value, password } = await lent({ ttl: 600, maxTtl: 1_800, renewable: true });
    expect(server.users()).toEqual([value()]);
    expect(password()).toBe(`password-of-${value()}`);
  });

  it("is prolonged before it ends, and replaced before it can be prolonged no more", async () => {
    const { server, time, value, state, password } = await lent({ ttl: 600, maxTtl: 1_800, renewable: true });
    const first = value();
    const leases = "/v1/sys/leases/renew";
    for (let renewals = 1; renewals <= 3; renewals++) {
      const before = state().expiresAtMs ?? 0;
      time.pass(400_001);
      await expect.poll(() => state().expiresAtMs).toBeGreaterThan(before);
      expect(count(server, leases)).toBe(renewals);
      expect(value()).toBe(first);
    }
    time.pass(400_001);
    await expect.poll(value).not.toBe(first);
    expect(password()).toBe(`password-of-${value()}`);
    expect(server.users()).toEqual([first, value()]);
    expect(server.refusals).toEqual([]);
  });

  it("is replaced before it ends where it can't be prolonged", async () => {
    const { server, time, value } = await lent({ ttl: 600, maxTtl: 600, renewable: false });
    const first = value();
    time.pass(400_001);
    await expect.poll(value).not.toBe(first);
    expect(server.users()).toEqual([first, value()]);
  });

  it("is replaced when the token that it was lent to is, as it ends with that token", async () => {
    const { server, time, open } = await world();
    server.state.tokens = { ttl: 300, maxTtl: 300, renewable: false };
    server.state.leases = { ttl: 3_600, maxTtl: 7_200, renewable: true };
    const identity = { VAULT_ROLE_ID: server.roleId, VAULT_SECRET_ID: server.secretId() };
    const { value } = await open("vault:database/creds/llm#username", identity);
    const first = value();
    time.pass(200_001);
    await expect.poll(value).not.toBe(first);
    time.pass(100_000);
    expect(server.users()).toContain(value());
    expect(server.users()).not.toContain(first);
  });
});
