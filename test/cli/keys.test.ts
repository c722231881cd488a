// `turnpike keys`, `customers`, `projects` and `templates`: a key's whole life on the command line.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { parseKey } from "../../src/keys/format.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-cli-"));
  expect((await turnpike("migrate")).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const env = {
    TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
    TURNPIKE_KEY_NAMES: "[a-z][a-z0-9-]*",
  };
  const code = await run(args, {
    env,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

describe("turnpike keys", () => {
  async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const { code, out, err } = await turnpike(...args, "--json");
    if (code !== 0) throw new Error(err);
    return JSON.parse(out) as T;
  }
  const make = (...more: string[]) =>
    json<{ id: string; key: string }>("keys", "create", "--name", "n", "--customer", "acme", ...more);

  it("make, find, change, suspend, resume and delete a key", async () => {
    await json("templates", "set", "small", '{"models":["openai/*"],"zdr":true}');
    const policy = JSON.stringify({ models: ["sandbox/*"] });
    const made = await make("--template", "small", "--policy", policy, "--rotate-every", "30", "--idle-days", "9");
    const { id } = made;
    expect(made).toMatchObject({
      policy: { models: ["sandbox/*"], zdr: true },
      rotation: { every_days: 30 },
      idle_days: 9,
    });
    const changed = [
      "--metadata",
      "team=pay",
      "--policy",
      "{}",
      "--rotate-every",
      "never",
      "--expires-at",
      "2100-01-01T00:00:00Z",
    ];
    expect(await json("keys", "update", id, ...changed)).toMatchObject({
      metadata: { team: "pay" },
      policy: {},
      rotation: null,
      idle_days: 9,
      expires_at: "2100-01-01T00:00:00.000Z",
    });
    const found = async (...query: string[]) =>
      (await json<{ data: { id: string }[] }>("keys", "list", ...query)).data.map((key) => key.id);
    expect(await found("--metadata", "team=pay", "--search", "N")).toEqual([id]);
    expect(await found("--rotation", "due")).toEqual([]);
    expect((await turnpike("keys", "suspend", id)).out).toBe(`Suspended ${id} (n of acme/default).\n`);
    expect(await found("--status", "suspended")).toEqual([id]);
    expect(await json("keys", "resume", id)).toMatchObject({ status: "active" });
    expect((await turnpike("keys", "delete", id)).out).toBe(`Removed ${id} (n of acme/default).\n`);
    expect(await turnpike("keys", "secrets", id)).toMatchObject({ code: 1, err: `turnpike: There is no key ${id}.\n` });
  });

  it("rotate a key: the new secret alone on stdout, and how the old one stands", async () => {
    const { id, key } = await make();
    const rotated = await turnpike("keys", "rotate", id, "--overlap-hours", "2");
    expect(parseKey(rotated.out.trim())).toEqual({ kind: "customer", environment: "live" });
    expect(rotated.err).toMatch(/the old one works until 20\d\d-/);
    expect(rotated.out + rotated.err).not.toContain(key);
    const secrets = await json<{ data: Record<string, unknown>[] }>("keys", "secrets", id);
    expect(secrets.data).toMatchObject([{ current: true, expires_at: null }, { current: false }]);
    expect((await turnpike("keys", "secrets", id)).out).toMatch(
      /^hint +current +created at +expires at +last used at$/m,
    );
    expect((await json<{ data: { id: string }[] }>("keys", "list", "--rotation", "overlap")).data).toMatchObject([
      { id },
    ]);
    expect((await turnpike("keys", "end-overlap", id)).code).toBe(0);
    expect((await json<{ data: unknown[] }>("keys", "list", "--rotation", "overlap")).data).toEqual([]);
  });

  it("say and forget what holds for customers and projects", async () => {
    expect(await json("customers", "set", "acme", "--policy", '{"zdr":true}')).toMatchObject({
      policy: { zdr: true },
      status: "active",
    });
    expect((await turnpike("customers", "set", "acme", "--status", "suspended")).out).toBe("acme is suspended.\n");
    expect((await json<{ data: unknown[] }>("customers", "list")).data).toMatchObject([
      { id: "acme", policy: { zdr: true }, status: "suspended" },
    ]);
    expect(await json("projects", "set", "acme", "shop", "--name", "Shop")).toMatchObject({ name: "Shop" });
    expect((await turnpike("projects", "list", "--customer", "acme")).out).toMatch(/^acme +shop +Shop +active +\{\}/m);
    expect((await turnpike("templates", "list")).out).toContain("small");
    for (const command of [
      ["customers", "delete", "acme"],
      ["projects", "delete", "acme", "shop"],
      ["templates", "delete", "small"],
    ]) {
      expect((await turnpike(...command)).code).toBe(0);
      expect(await turnpike(...command)).toMatchObject({ code: 1, err: expect.stringContaining("Nothing is said of") });
    }
  });

  it.each([
    [["create", "--name", "Not A Name", "--customer", "c"], "must match"],
    [["create", "--name", "n", "--customer", "c", "--policy", "{"], "--policy takes JSON"],
    [["create", "--name", "n", "--customer", "c", "--template", "none"], "`template`"],
    [["create", "--name", "n", "--customer", "c", "--rotate-every", "often"], "`rotation.every_days`"],
    [["list", "--unused-days", "x"], "`unused_days`"],
    [["update", "key_none", "--name", "n"], "There is no key key_none"],
  ])("refuse %j, and say why", async (args, message) => {
    const { code, out, err } = await turnpike("keys", ...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
  });
});

describe("--expires-at", () => {
  it("takes a date, and says what it takes, of everything that expires", async () => {
    for (const command of [
      ["keys", "create", "--name", "n", "--customer", "c"],
      ["admins", "create", "--name", "n", "--role", "viewer"],
      ["credentials", "update", "cred_none"],
      ["credits", "top-up", "c", "1", "--create"],
    ]) {
      const { code, err } = await turnpike(...command, "--expires-at", "tomorrow");
      expect([code, err]).toEqual([1, expect.stringMatching(/`expires_at`: expected a date or a time, such as 2027/)]);
    }
    const made = await turnpike(
      "keys",
      "create",
      "--name",
      "n",
      "--customer",
      "c",
      "--expires-at",
      "2100-01-01",
      "--json",
    );
    expect(JSON.parse(made.out)).toMatchObject({ expires_at: "2100-01-01T00:00:00.000Z" });
  });
});

describe("--overlap-hours", () => {
  it.each(["keys", "admins", "credentials", "webhooks"])("takes the same hours of %s", async (group) => {
    for (const hours of ["x", "", "-1", "2161"]) {
      const { code, err } = await turnpike(group, "rotate", "none", "--overlap-hours", hours);
      expect([code, err]).toEqual([1, "turnpike: `--overlap-hours`: expected hours, from 0 to 2160.\n"]);
    }
  });
});
