// `turnpike admins`, `roles`, `login`, `whoami`, `token` and `logout`.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/program.ts";
import { parseKey } from "../../src/keys/format.ts";
import { type AdminServer, startAdmin } from "../support/admin.ts";
import { openBrowser } from "../support/browser.ts";
import { type IdentityProvider, startIdentityProvider } from "../support/identity-provider.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-admins-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param onErr told of what is written for people, as it comes. */
async function turnpike(
  args: string[],
  env: Record<string, string> = {},
  onErr: (text: string) => void = () => {},
): Promise<Said> {
  const said = { out: "", err: "" };
  const code = await run(args, {
    env: { TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`, XDG_CONFIG_HOME: folder, ...env },
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
      onErr(text);
    },
  });
  return { code, ...said };
}

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, out, err } = await turnpike([...args, "--json"]);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as T;
}

describe("on the database itself", () => {
  beforeAll(async () => {
    expect((await turnpike(["migrate"])).code).toBe(0);
  });

  test("roles and administrators are made, changed and removed", async () => {
    await json("roles", "create", "support", "--permission", "keys:read", "usage:read", "--customer", "acme");
    await json("roles", "update", "support", "--second-factor", "required", "--everything");
    const { data } = await json<{ data: { name: string }[] }>("roles", "list");
    expect(data.at(-1)).toMatchObject({ name: "support", scope: null, second_factor: "required", built_in: false });

    const made = await json<{ id: string; key: string }>(
      "admins",
      "create",
      "--name",
      "Ann",
      "--role",
      "support",
      "--project",
      "acme/web",
    );
    expect(parseKey(made.key)).toEqual({ kind: "admin" });
    expect(made).toMatchObject({ scope: [{ customer: "acme", project: "web" }], created_by: "command line" });
    expect((await turnpike(["roles", "delete", "support"])).err).toContain("Give them another one first");
    await json("admins", "update", made.id, "--role", "viewer", "--everything", "--ip-allow", "10.0.0.0/8");
    expect(await json("admins", "suspend", made.id)).toMatchObject({
      role: "viewer",
      scope: null,
      status: "suspended",
    });
    expect(await json("admins", "resume", made.id)).toMatchObject({ status: "active" });
    const rotated = await turnpike(["admins", "rotate", made.id]);
    expect(parseKey(rotated.out.trim())).toEqual({ kind: "admin" });
    expect(rotated.out.trim()).not.toBe(made.key);
    await json("admins", "reset-second-factors", made.id);
    expect(await json("admins", "revoke", made.id)).toMatchObject({ status: "revoked" });
    expect((await turnpike(["admins", "list"])).out).toContain("Ann");
    await json("admins", "delete", made.id);
    await json("roles", "delete", "support");
    expect((await turnpike(["admins", "rotate", made.id])).code).toBe(1);
  });

  test("the last owner stays here too", async () => {
    const owner = await json<{ id: string }>("admins", "create", "--name", "Olga", "--role", "owner");
    for (const turn of ["suspend", "revoke", "delete"]) {
      expect((await turnpike(["admins", turn, owner.id])).err).toContain("the last owner");
    }
    expect((await turnpike(["admins", "update", owner.id, "--role", "viewer"])).code).toBe(1);
  });
});

describe("with a gateway", () => {
  let server: AdminServer;
  let idp: IdentityProvider;
  const at = (command: string, ...more: string[]): string[] => [command, "--url", server.url, ...more];
  const file = () => join(folder, "turnpike", "logins.json");

  beforeAll(async () => {
    idp = await startIdentityProvider({ redirectUris: ["http://127.0.0.1:1/"] });
    idp.people.set("ann", { name: "Ann", groups: ["operators"] });
    idp.person = "ann";
    const corp = {
      name: "corp",
      issuer: idp.issuer,
      clientId: idp.clientId,
      clientSecret: idp.clientSecret,
      scopes: "openid profile",
      groupsClaim: "groups",
      roles: [{ group: "operators", role: "key-manager" }],
      defaultRole: null,
      domains: [],
      subjects: [],
    };
    server = await startAdmin(":memory:", { providers: [corp] });
    idp.redirectTo(`${server.url}/admin/v1/session/callback/corp`);
  });
  afterAll(async () => {
    await server.close();
    await idp.close();
  });

  test("a login by a browser is kept in a file that nobody else can read, until it is ended", async () => {
    const login = await turnpike(at("login", "--browser", "--no-open"), {}, (text) => {
      const address = /Sign in at (\S+)/.exec(text)?.[1];
      if (address !== undefined) void openBrowser().go(address);
    });
    expect(login).toMatchObject({ code: 0, out: expect.stringContaining("as Ann (key-manager)") });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await turnpike(at("whoami", "--json"))).out)).toMatchObject({
      name: "Ann",
      session: { kind: "token" },
    });
    const token = (await turnpike(at("token"))).out.trim();
    const bearer = { authorization: `Bearer ${token}` };
    expect((await server.request("GET", "/keys", undefined, bearer)).status).toBe(200);
    expect((await turnpike(["whoami"])).code).toBe(0);
    expect((await turnpike(at("logout"))).code).toBe(0);
    expect((await server.request("GET", "/keys", undefined, bearer)).status).toBe(401);
    expect(readFileSync(file(), "utf8")).not.toContain(token);
    expect(await turnpike(at("whoami"))).toMatchObject({ code: 1, err: expect.stringContaining("turnpike login") });
  });

  test("a login with a key needs no provider", async () => {
    const login = await turnpike(at("login", "--key"), { TURNPIKE_ADMIN_KEY: server.adminKey });
    expect(login).toMatchObject({ code: 0, out: expect.stringContaining("(owner)") });
    expect(login.out + login.err).not.toContain(server.adminKey);
  });

  test("what is wrong is told", async () => {
    expect((await turnpike(at("login", "--provider", "other"))).err).toContain("there are corp");
    expect((await turnpike(["login", "--url", "http://127.0.0.1:1"])).err).toContain("No gateway answers");
    expect((await turnpike(at("login", "--key"))).err).toContain("TURNPIKE_ADMIN_KEY");
  });
});
