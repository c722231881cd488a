// The contract on better-sqlite3, and what a file adds to it: permanence, permissions, migrations, one server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Client from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config.ts";
import { lockForServing } from "../../src/store/lock.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { storeContract } from "./contract.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "./samples.ts";

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-store-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
const freshPath = () => join(folder, `${files++}`, "turnpike.db");

storeContract("a SQLite file", () => openSqlite(freshPath()));
storeContract("memory", () => openSqlite(":memory:"));

describe("a SQLite file", () => {
  it("keeps everything when it is opened again", async () => {
    const path = freshPath();
    const first = await openSqlite(path);
    await first.keys.create(sampleKey());
    await first.calls.append({ opened: [sampleCall()], settled: [sampleSettlement()] });
    await first.close();
    const again = await openSqlite(path);
    expect(await again.keys.get("key_1")).toEqual(sampleKey().key);
    expect(await again.calls.get("req_1")).toEqual({ ...sampleCall(), settlement: sampleSettlement() });
    await again.close();
  });

  it("is readable by its owner only, side files included", async () => {
    const path = freshPath();
    const store = await openSqlite(path);
    await store.keys.create(sampleKey());
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("shows a change to a second connection at once", async () => {
    const path = freshPath();
    const [one, two] = [await openSqlite(path), await openSqlite(path)];
    const before = await two.keys.epoch();
    await one.keys.create(sampleKey());
    expect(await two.keys.epoch()).not.toBe(before);
    await one.keys.revoke("key_1", noon);
    expect((await two.keys.get("key_1"))?.status).toBe("revoked");
    await Promise.all([one.close(), two.close()]);
  });

  it("is migrated once when several processes open it first at the same time", async () => {
    const path = freshPath();
    const script = `import { openSqlite } from ${JSON.stringify(new URL("../../src/store/sqlite.ts", import.meta.url).href)};
      const store = await openSqlite(${JSON.stringify(path)}); await store.ping(); await store.close();`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "ignore", "pipe"] }),
    );
    const complaints = await Promise.all(
      children.map(async (child) => {
        const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
        return errors;
      }),
    );
    expect(complaints).toEqual(["", "", "", ""]);
  });

  it("of a newer version is refused, not written to", async () => {
    const path = freshPath();
    await (await openSqlite(path)).close();
    const client = new Client(path);
    client.exec("insert into migrations values ('from the future', 9e15)");
    client.close();
    await expect(openSqlite(path)).rejects.toThrow(ConfigError);
  });

  it("that is no database is refused", async () => {
    const path = join(folder, "text.db");
    const client = new Client(path);
    client.close();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(path, "this is not a database, whatever its name says".repeat(20));
    await expect(openSqlite(path)).rejects.toThrow("file is not a database");
  });

  it("is served by one process at a time", async () => {
    const path = freshPath();
    await (await openSqlite(path)).close();
    const release = lockForServing(path);
    expect(() => lockForServing(path)).toThrow(ConfigError);
    release();
    lockForServing(path)();
  });

  it("refuses to settle a call twice, whoever asks", async () => {
    const path = freshPath();
    const store = await openSqlite(path);
    await store.calls.append({ opened: [sampleCall()], settled: [sampleSettlement()] });
    await store.close();
    const client = new Client(path);
    expect(() => client.exec("update calls set settled_at_ms = 1, outcome = 'failed'")).toThrow(
      "a call is settled once",
    );
    client.close();
  });

  it("finds a call by its id and usage by an index, without reading the whole ledger", async () => {
    const path = freshPath();
    await (await openSqlite(path)).close();
    const client = new Client(path);
    const plan = (query: string) => JSON.stringify(client.prepare(`explain query plan ${query}`).all());
    expect(plan("select * from calls where settled_at_ms is null and opened_at_ms < 5")).toContain("calls_unsettled");
    const during = "opened_at_ms >= 5 and opened_at_ms < 9";
    for (const whose of ["customer = 'a'", "customer = 'a' and project = 'p'", "key_id = 'a'", "true"]) {
      expect(plan(`select sum(cost_nanos) from calls where ${whose} and ${during}`)).toContain(
        "calls_opened (opened_at_ms>? AND opened_at_ms<?)",
      );
    }
    expect(plan("select * from calls where id in (select value from json_each('[]'))")).toContain(
      "sqlite_autoindex_calls_1",
    );
    expect(plan("update calls set outcome = '' where id = 'a'")).toContain("sqlite_autoindex_calls_1");
    client.close();
  });
});
