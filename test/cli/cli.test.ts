// The command line, run as a user runs it: a process of its own, judged by what it prints and how it exits.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseKey } from "../../src/keys/format.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe("turnpike", () => {
  let folder: string;
  let database: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-cli-"));
    database = join(folder, "data", "turnpike.db");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Nothing of this machine's environment but where programs are. */
  const environment = (over: Record<string, string> = {}) => ({
    PATH: process.env.PATH ?? "",
    TURNPIKE_DATABASE_URL: `file:${database}`,
    ...over,
  });
  const launch = (args: readonly string[], over?: Record<string, string>) =>
    spawn(process.execPath, [cli, ...args], { env: environment(over), cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  async function turnpike(args: readonly string[], over?: Record<string, string>): Promise<Ran> {
    const child = launch(args, over);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code, out, err };
  }
  const json = (ran: Ran) => JSON.parse(ran.out) as Record<string, unknown> & { data: Record<string, unknown>[] };

  it.concurrent.each([
    [[]],
    [["start"]],
    [["keys"]],
    [["keys", "create"]],
    [["keys", "list"]],
    [["keys", "revoke"]],
    [["keys", "admin"]],
    [["usage"]],
    [["models"]],
    [["aliases"]],
    [["aliases", "list"]],
    [["aliases", "set"]],
    [["aliases", "remove"]],
    [["doctor"]],
    [["migrate"]],
    [["openapi"]],
  ])("explains itself: %s --help", async (args) => {
    const { code, out } = await turnpike([...args, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: ${["turnpike", ...args].join(" ")}`);
  });

  it.concurrent.each([
    [["nonsense"]],
    [["keys", "nonsense"]],
    [["keys", "create", "--name", "n"]],
    [["keys", "list", "--colour", "red"]],
    [["aliases", "remove"]],
    [["usage", "--format", "xml"]],
    [["start", "now"]],
  ])("called wrongly (%s) exits with 2 and says why on stderr", async (args) => {
    const { code, out, err } = await turnpike(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: /);
  });

  it("makes no database where there is none, unless asked to", async () => {
    const missing = await turnpike(["keys", "list"]);
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toMatch(/^turnpike: There is no database at .*\n$/);
    expect(existsSync(database)).toBe(false);
    const made = await turnpike(["migrate"]);
    expect(made).toMatchObject({ code: 0, err: "", out: `The database ${database} is up to date.\n` });
    expect(existsSync(database)).toBe(true);
    expect((await turnpike(["migrate"])).code).toBe(0);
  });

  it("makes, lists and revokes keys; a new key alone on stdout, shown once", async () => {
    const args = ["--name", "checkout", "--customer", "acme", "--metadata", "team=payments", "cost=a=b"];
    const created = await turnpike(["keys", "create", ...args, "--expires-at", "2100-01-01T00:00:00Z"]);
    expect(created.code).toBe(0);
    const secret = created.out.trim();
    expect(parseKey(secret)).toEqual({ kind: "customer", environment: "live" });
    expect(created.err).not.toContain(secret);
    const listed = await turnpike(["keys", "list", "--customer", "acme", "--json"]);
    const [key] = json(listed).data;
    expect(key).toMatchObject({
      name: "checkout",
      project: "default",
      status: "active",
      metadata: { team: "payments", cost: "a=b" },
      expires_at: "2100-01-01T00:00:00.000Z",
    });
    const shown = await turnpike(["keys", "list"]);
    expect(shown.out).toContain(String(key?.hint));
    expect(listed.out + shown.out).not.toContain(secret);
    const revoked = await turnpike(["keys", "revoke", String(key?.id)]);
    expect(revoked).toMatchObject({ code: 0, out: `Revoked ${key?.id} (checkout of acme/default).\n` });
    expect(json(await turnpike(["keys", "list", "--status", "revoked", "--json"])).data).toMatchObject([
      { id: key?.id },
    ]);
    const bySecret = await turnpike(["keys", "revoke", secret]);
    expect(bySecret.code).toBe(1);
    expect(bySecret.err).not.toContain(secret);
  });

  it("prints a new key as JSON for machines", async () => {
    const made = await turnpike(["keys", "create", "--name", "n", "--customer", "c", "--environment", "dev", "--json"]);
    expect(made.err).toBe("");
    expect(json(made)).toMatchObject({ object: "key", environment: "dev", key: expect.stringMatching(/^tp_dev_/) });
  });

  it.concurrent.each([
    [["keys", "create", "--name", "", "--customer", "c"], "`name`"],
    [["keys", "create", "--name", "n", "--customer", "c", "--expires-at", "soon"], "`expires_at`"],
    [["keys", "create", "--name", "n", "--customer", "c", "--expires-at", "2020-01-01T00:00:00Z"], "`expires_at`"],
    [["keys", "create", "--name", "n", "--customer", "c", "--metadata", "x"], "--metadata"],
    [["keys", "list", "--limit", "0"], "`limit`"],
    [["keys", "revoke", "key_none"], "key_none"],
    [["usage", "--group-by", "team"], "`group_by"],
    [["usage", "--from", "yesterday"], "`from`"],
    [["models", "no-such-model"], "no such model"],
  ])("that fails (%s) exits with 1 and one line on stderr, no stack", async (args, named) => {
    const { code, out, err } = await turnpike(args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^turnpike: .*\n$/);
    expect(err).toContain(named);
  });

  it("refuses settings that can't be used without repeating them", async () => {
    const cases = {
      PORT: "eighty",
      TURNPIKE_MASTER_KEY: "tooshort",
      TURNPIKE_DATABASE_URL: "postgres://u:hunter2@h/d",
    };
    for (const [name, value] of Object.entries(cases)) {
      const { code, err } = await turnpike(["keys", "list"], { [name]: value });
      expect(code).toBe(1);
      expect(err).toContain(name);
      expect(err).not.toContain("    at ");
      expect(err).not.toContain("tooshort");
      expect(err).not.toContain("hunter2");
    }
  });

  it("makes an administrator's key for TURNPIKE_ADMIN_KEY", async () => {
    expect(parseKey((await turnpike(["keys", "admin"])).out.trim())).toEqual({ kind: "admin" });
  });

  it("sums up usage as a table, as JSON and as CSV", async () => {
    const openedAtMs = Date.now() - 1_000;
    const record = async (
      ...[opened, settled]: [ReturnType<typeof sampleCall>, ReturnType<typeof sampleSettlement>]
    ) => {
      const store = await openSqlite(database);
      await store.calls.append({ opened: [opened], settled: [settled] });
      await store.close();
    };
    await record(sampleCall({ openedAtMs }), sampleSettlement());
    const table = await turnpike(["usage", "--group-by", "customer,model"]);
    expect(table.out.split("\n")[0]).toMatch(/^customer +model +requests +failed requests +input tokens/);
    expect(table.out).not.toMatch(/images|audio seconds|characters|queries|web searches/);
    expect(table.out.split("\n")[1]).toMatch(/^acme +openai\/gpt-5-mini +1 +0 +10 .* 0\.0000125 /);
    expect(json(await turnpike(["usage", "--json"])).data).toMatchObject([{ requests: 1, cost_usd: "0.0000125" }]);
    const csv = await turnpike(["usage", "--group-by", "key", "--format", "csv"]);
    expect(csv.out).toMatch(/^key,requests,.*images,.*\r\nkey_1,1,0,10,/);

    const heard = { inputTokens: 0, outputTokens: 0, audioSeconds: 12.5 };
    await record(
      sampleCall({ id: "req_2", openedAtMs }),
      sampleSettlement({ id: "req_2", usage: heard, costNanos: 75_000_000n }),
    );
    const [names, row] = (await turnpike(["usage"])).out.split("\n");
    expect(names).toMatch(/reasoning tokens +audio seconds +cost usd/);
    expect(row).toMatch(/ 12\.5 +0\.0750125 /);
  });

  it("knows the catalogue", async () => {
    const { out } = await turnpike(["models", "claude", "--provider", "anthropic"]);
    expect(out).toMatch(/anthropic\/claude/);
    const found = json(await turnpike(["models", "gpt-5-mini", "--json"])).data;
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ id: expect.any(String), input_usd: expect.any(String) });
  });

  it("prints the OpenAPI document without a server", async () => {
    expect(json(await turnpike(["openapi"]))).toMatchObject({ openapi: "3.1.0", paths: { "/admin/v1/keys": {} } });
  });

  it("is not upset by a reader that has seen enough", async () => {
    const child = launch(["models"]);
    child.stdout.once("data", () => child.stdout.destroy());
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect(errors).not.toContain("EPIPE");
    expect(code).toBe(0);
  });

  it("examines an installation, names providers' keys and shows none", async () => {
    const secret = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz";
    const ran = await turnpike(["doctor", "--json"], { PORT: "0", OPENAI_API_KEY: secret });
    expect(ran.code).toBe(0);
    const found = Object.fromEntries(json(ran).data.map((finding) => [finding.check, finding]));
    expect(found.settings).toMatchObject({ result: "ok" });
    expect(found.database).toMatchObject({ result: "ok" });
    expect(found["master key"]).toMatchObject({ result: "ok" });
    expect(found.providers).toMatchObject({ result: "ok", detail: "keys for openai" });
    expect(found.sandbox).toMatchObject({ detail: "off (TURNPIKE_SANDBOX is auto)" });
    expect(ran.out + ran.err).not.toContain(secret);
  });

  it("examines what stored credentials are for, and where they stand", async () => {
    const reference = "vault:secret/llm/openai#api_key";
    const added = await turnpike([
      "credentials",
      "add",
      "openai",
      "--name",
      "main",
      "--reference",
      reference,
      "--json",
    ]);
    const found = json(await turnpike(["doctor", "--json"], { PORT: "0" })).data;
    expect(found).toContainEqual({ check: "providers", result: "ok", detail: "keys for openai" });
    expect(found).toContainEqual(
      expect.objectContaining({ check: "references", result: "failed", detail: expect.stringContaining("VAULT_ADDR") }),
    );
    expect(found).toContainEqual({ check: "sandbox", result: "ok", detail: "off (TURNPIKE_SANDBOX is auto)" });
    expect((await turnpike(["credentials", "remove", String(json(added).id)])).code).toBe(0);
  });

  it("warns of settings that nobody reads, as a start does, and finds a fault of turnpike.yaml once", async () => {
    const settings = { PORT: "0", TURNPIKE_WORKER: "4", TURNPIKE_OIDC_ISUER: "x", TURNPIKE_URL: "http://127.0.0.1:1" };
    const misspelt = await turnpike(["doctor", "--json"], settings);
    expect(json(misspelt).data[0]).toEqual({
      check: "settings",
      result: "warning",
      detail: "not known, and read by nobody: TURNPIKE_WORKER, TURNPIKE_OIDC_ISUER",
    });
    const file = join(folder, "wrong.yaml");
    writeFileSync(file, "defaults:\n  max_attempt: 4\n");
    const wrong = await turnpike(["doctor"], { PORT: "0", TURNPIKE_CONFIG: file });
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(
      /^configuration +failed .*wrong\.yaml can't be used: line 2: `defaults`: Unrecognized key/m,
    );
    expect(wrong.out.match(/failed/g)).toHaveLength(1);
  });

  it("fails an examination that finds a fault, and says which", async () => {
    const wrongKey = await turnpike(["doctor"], {
      PORT: "0",
      TURNPIKE_MASTER_KEY: Buffer.alloc(32).toString("base64"),
    });
    expect(wrongKey.code).toBe(1);
    expect(wrongKey.out).toMatch(/^database +failed +The master key is not the one/m);
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const noPort = await turnpike(["doctor"], { PORT: String((taken.address() as AddressInfo).port) });
    taken.close();
    expect(noPort.code).toBe(1);
    expect(noPort.out).toMatch(/^address +failed .*EADDRINUSE/m);
    expect((await turnpike(["doctor"], { PORT: "none" })).code).toBe(1);
  });

  it("starts, shows the first keys once, serves them, and stops when asked; a second one is refused meanwhile", async () => {
    const settings = { PORT: "0", TURNPIKE_DATABASE_URL: `file:${join(folder, "fresh", "t.db")}` };
    const child = launch(["start"], settings);
    const closed = once(child, "close");
    let said = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      said += chunk;
      if (said.includes("-d '")) break;
    }
    const [url = "", adminKey = "", customerKey = ""] = [/http:\/\/127[\d.:]+/, /tp_admin_\w+/, /tp_live_\w+/].map(
      (pattern) => pattern.exec(said)?.[0] ?? "",
    );
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${customerKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] }),
    });
    expect(answer.status).toBe(200);
    const keys = await fetch(`${url}/admin/v1/keys`, { headers: { authorization: `Bearer ${adminKey}` } });
    expect(await keys.json()).toMatchObject({ data: [{ name: "first-key" }] });
    const second = await turnpike(["start"], settings);
    expect(second).toMatchObject({ code: 1, out: "" });
    expect(second.err).toContain("Another Turnpike is serving");
    child.kill("SIGTERM");
    expect(await closed).toEqual([0, null]);
    const again = launch(["start"], settings);
    const [chunk] = await once(again.stdout.setEncoding("utf8"), "data");
    expect(chunk).toMatch(/^Turnpike listens at http:\/\/127[\d.:]+\n$/);
    again.kill("SIGINT");
    expect(await once(again, "close")).toEqual([0, null]);
  });
});
