// `turnpike rules`: the same rules as the admin surface's, on the database itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { exchange } from "../identity/setup.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startIssuer, type TokenIssuer } from "../support/issuer.ts";

let gateway: Gateway;
let issuer: TokenIssuer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-rules-"));
  [gateway, issuer] = await Promise.all([startGateway({ env: { TURNPIKE_LOG_LEVEL: "silent" } }), startIssuer()]);
});
afterAll(async () => {
  await Promise.all([gateway.close(), issuer.close()]);
  rmSync(folder, { recursive: true });
});

async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await run(args, {
    env: { TURNPIKE_DATABASE_URL: `file:${join(gateway.folder, "turnpike.db")}` },
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
  });
  return { code, out, err };
}

it("makes, shows, changes and removes rules, which a running gateway takes up at once", async () => {
  const common = ["--issuer", issuer.url, "--audience", "turnpike", "--customer", "acme", "--json"];
  const made = await turnpike(
    "rules",
    "add",
    "ci",
    ...common,
    "--subject",
    "repo:acme/*",
    "--claim",
    "ref=refs/heads/main",
    "ref=refs/tags/*",
    "--outlive-token",
    "yes",
  );
  expect(made).toMatchObject({ code: 0, err: "" });
  const { id } = JSON.parse(made.out) as { id: string };
  expect(JSON.parse(made.out)).toMatchObject({
    claims: { ref: ["refs/heads/main", "refs/tags/*"] },
    outlive_token: true,
    warnings: [],
  });
  const ask = async (ref: string) => (await exchange(gateway, await issuer.token({ ref }))).status;
  expect([await ask("refs/heads/main"), await ask("refs/tags/v1"), await ask("refs/heads/x")]).toEqual([200, 200, 400]);
  expect((await turnpike("rules", "list")).out).toMatch(/ci .*repo:acme\/\*.*ref=refs\/heads\/main\|refs\/tags\/\*/);

  expect((await turnpike("rules", "set", id, "--status", "suspended")).code).toBe(0);
  expect(await ask("refs/heads/main")).toBe(400);
  const jwks = join(folder, "jwks.json");
  writeFileSync(jwks, JSON.stringify(issuer.jwks()));
  expect((await turnpike("rules", "set", id, "--status", "active", "--jwks-file", jwks, "--direct", "yes")).code).toBe(
    0,
  );
  expect(JSON.parse((await turnpike("rules", "list", "--json")).out)).toMatchObject({
    data: [{ id, direct: true, jwks: { keys: [{ kid: "key-1" }] }, live_keys: 2 }],
  });

  expect((await turnpike("rules", "remove", id)).out).toContain("revoked its keys");
  expect((await turnpike("rules", "remove", id)).code).toBe(1);
});

it("warns of what is dangerous and refuses what is wrong", async () => {
  const wide = await turnpike(
    "rules",
    "add",
    "wide",
    "--issuer",
    issuer.url,
    "--audience",
    "a",
    "--customer",
    "c",
    "--subject",
    "repo:acme*",
  );
  expect(wide.err).toContain("acme-evil");
  const forge = "https://token.actions.githubusercontent.com";
  for (const [args, why] of [
    [["--issuer", forge], "everybody"],
    [["--issuer", forge, "--subject", "repo:*"], "everybody"],
    [["--issuer", forge, "--claim", "ref=refs/heads/main"], "everybody"],
    [["--issuer", "http://issuer.example"], "https://"],
    [["--issuer", issuer.url, "--claim", "=x"], "--claim"],
    [["--issuer", issuer.url, "--direct", "yes", "--once", "yes"], "once"],
    [["--issuer", issuer.url, "--ttl", "50000"], "ttl_seconds"],
    [["--issuer", issuer.url, "--jwks-file", join(folder, "none")], "Can't read"],
  ] as const) {
    const { code, err } = await turnpike("rules", "add", "x", "--audience", "a", "--customer", "c", ...args);
    expect([code, err], args.join(" ")).toEqual([1, expect.stringContaining(why)]);
  }
});
