// `turnpike audit` on an installation that a gateway made, and what other commands leave in the trail.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ExportedEntry } from "../../src/audit/formats.ts";
import { run } from "../../src/cli/program.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let folder: string;
let gateway: Gateway;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-audit-cli-"));
  const config = join(folder, "turnpike.yaml");
  writeFileSync(
    config,
    `audit:
  retention_days: 400
  checkpoints: ${join(folder, "checkpoints.jsonl")}
  exporters:
    - { name: copy, type: file, path: ${join(folder, "copy.jsonl")} }
`,
  );
  gateway = await startGateway({ env: { TURNPIKE_CONFIG: config } });
  env = { TURNPIKE_DATABASE_URL: `file:${join(gateway.folder, "turnpike.db")}` };
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
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

async function entries(...filter: string[]): Promise<readonly ExportedEntry[]> {
  const { out } = await turnpike("audit", "list", "--json", "--limit", "1000", ...filter);
  return (JSON.parse(out) as { data: ExportedEntry[] }).data;
}

test("what the command line changes is told of, by the machine's user, with what was and is, and without secrets", async () => {
  const made = await turnpike("keys", "create", "--name", "n", "--customer", "acme", "--json");
  const { id, key } = JSON.parse(made.out) as { id: string; key: string };
  await turnpike("keys", "update", id, "--name", "m");
  await turnpike("keys", "rotate", id);
  await turnpike("keys", "revoke", id);
  await turnpike("customers", "set", "acme", "--name", "Acme");
  await turnpike("projects", "set", "acme", "shop", "--name", "Shop");
  await turnpike("templates", "set", "small", "{}");
  await turnpike("templates", "delete", "small");
  await turnpike("aliases", "set", "smart", "openai/gpt-4o");
  const told = (await entries()).filter(({ actor }) => actor.type === "operator").reverse();
  expect(told.map(({ action, target, outcome }) => `${action} ${target?.id} ${outcome}`)).toEqual([
    `key.create ${id} success`,
    `key.update ${id} success`,
    `key.rotate ${id} success`,
    `key.revoke ${id} success`,
    "customer.create acme success",
    "project.create acme/shop success",
    "policy-template.create small success",
    "policy-template.delete small success",
    "alias.create smart success",
  ]);
  expect(told[1]).toMatchObject({
    actor: { id: userInfo().username },
    before: { name: "n" },
    after: { name: "m" },
  });
  expect(JSON.stringify(told)).not.toContain(key.slice(8, 40));
  expect(JSON.stringify(told)).not.toMatch(/digest/i);
});

test("what is done to administrators, keys and credentials has the names here that it has in the admin API", async () => {
  const admin = JSON.parse(
    (await turnpike("admins", "create", "--name", "Ann", "--role", "viewer", "--json")).out,
  ) as Record<string, string>;
  const key = JSON.parse(
    (await turnpike("keys", "create", "--name", "k", "--customer", "acme", "--json")).out,
  ) as Record<string, string>;
  const credential = [
    "credentials",
    "add",
    "openai",
    "--name",
    "main",
    "--reference",
    "vault:secret/llm#key",
    "--json",
  ];
  const { id } = JSON.parse((await turnpike(...credential)).out) as { id: string };
  for (const turn of ["rotate", "suspend", "resume", "reset-second-factors", "revoke", "delete"])
    await turnpike("admins", turn, String(admin.id));
  for (const turn of ["suspend", "resume", "delete"]) await turnpike("keys", turn, String(key.id));
  await turnpike("credentials", "remove", id);
  const told = (await entries()).filter(({ target }) => [admin.id, key.id, id].includes(target?.id));
  expect(told.reverse().map(({ action, target }) => `${action} ${target?.id}`)).toEqual([
    `admin.create ${admin.id}`,
    `key.create ${key.id}`,
    `credential.create ${id}`,
    ...["rotate", "suspend", "resume", "reset-second-factors", "revoke", "delete"].map(
      (turn) => `admin.${turn} ${admin.id}`,
    ),
    ...["suspend", "resume", "delete"].map((turn) => `key.${turn} ${key.id}`),
    `credential.delete ${id}`,
  ]);
});

test("the gateway tells of its start with its settings, of its stop, and signs at the end", async () => {
  const [start] = await entries("--action", "gateway.start");
  expect(start).toMatchObject({
    actor: { type: "system" },
    after: { settings: { host: "127.0.0.1", masterKey: null } },
  });
  gateway = await gateway.restart();
  const [checkpoint, stop] = (await entries()).filter(({ action }) => action !== "gateway.start");
  expect([checkpoint?.action, stop?.action]).toEqual(["audit.checkpoint", "gateway.stop"]);
});

test("verify holds, also against the checkpoints' file; an export and an exporter's file are verified without the master key", async () => {
  const checkpoints = join(folder, "checkpoints.jsonl");
  const plain = await turnpike("audit", "verify", "--checkpoint", checkpoints);
  expect(plain).toMatchObject({ code: 0, out: expect.stringMatching(/^Intact: \d+ entries, 1 to \d+\.\n/) });
  expect(plain.out).toMatch(/given checkpoints hold/);
  const key = (await turnpike("audit", "key")).out;
  writeFileSync(join(folder, "key.pem"), key);
  writeFileSync(join(folder, "export.jsonl"), (await turnpike("audit", "export")).out);
  for (const file of ["export.jsonl", "copy.jsonl"]) {
    const offline = ["--file", join(folder, file), "--public-key", join(folder, "key.pem")];
    const { code, out } = await turnpike("audit", "verify", ...offline);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Intact: /)]);
  }
  const changed = readFileSync(join(folder, "export.jsonl"), "utf8")
    .replace("adm_first", "adm_other")
    .replace('"n"', '"x"');
  writeFileSync(join(folder, "export.jsonl"), changed);
  const { code, out } = await turnpike("audit", "verify", "--file", join(folder, "export.jsonl"), "--public-key", key);
  expect([code, out]).toEqual([1, expect.stringMatching(/^NOT INTACT from entry \d+ on \(changed\)/)]);
});

test("report and export print, filters are checked, and tampering makes verify fail by its exit code", async () => {
  expect((await turnpike("audit", "report")).out).toMatch(/^# Access and audit evidence\n/);
  expect((await turnpike("audit", "export", "--format", "csv", "--action", "key.*")).out.split("\r\n")).toHaveLength(
    10,
  );
  expect(await turnpike("audit", "list", "--from", "never")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/from/),
  });
  expect((await turnpike("audit", "list")).out).toContain("key.rotate");

  const db = new Client(join(gateway.folder, "turnpike.db"));
  db.exec(
    "drop trigger audit_entries_unchanged; update audit_entries set body = replace(body, 'acme', 'evil') where seq = 3",
  );
  db.close();
  const { code, out } = await turnpike("audit", "verify");
  expect([code, out]).toEqual([1, expect.stringMatching(/^NOT INTACT from entry 3 on \(changed\)/)]);
  appendFileSync(join(folder, "checkpoints.jsonl"), "nonsense\n");
  const broken = await turnpike("audit", "verify", "--checkpoint", join(folder, "checkpoints.jsonl"));
  expect(broken).toMatchObject({ code: 1, err: expect.stringMatching(/this is no checkpoint/) });
});
