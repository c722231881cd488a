// A database that is locked, removed or out of room: nothing that was answered is lost, and no hard budget is spent blindly.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Client from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { openLogFile, readLogFile } from "../../src/usage/call-log.node.ts";
import { replay } from "../../src/usage/call-log.ts";
import { createJournal } from "../../src/usage/journal.ts";
import { noon, sampleCall, sampleSettlement } from "../store/samples.ts";
import { startGateway } from "../support/gateway.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-failing-"));
  path = join(folder, "turnpike.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

async function call(url: string, key: string): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "sandbox/echo", max_tokens: 5, messages: [{ role: "user", content: "Hello" }] }),
  });
}

test("calls go on while another process holds the database, but for keys with a hard budget, and all are in the ledger then", async () => {
  const gateway = await startGateway({ env: { TURNPIKE_LOG_LEVEL: "silent" } });
  const created = await fetch(`${gateway.url}/admin/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "k", customer: "acme", policy: { budget: { usd: "1" } } }),
  });
  const { key: limited } = (await created.json()) as { key: string };
  expect((await call(gateway.url, limited)).status).toBe(200);
  expect((await call(gateway.url, gateway.key)).status).toBe(200);
  const hand = new Client(join(gateway.folder, "turnpike.db"));
  const counted = () =>
    (hand.prepare("select count(*) as n from calls where outcome = 'completed'").get() as { n: number }).n;
  await expect.poll(counted).toBe(2);

  hand.exec("begin immediate");
  let served = 2;
  await expect
    .poll(
      async () => {
        if ((await call(gateway.url, gateway.key)).status === 200) served += 1;
        const { status } = await call(gateway.url, limited);
        if (status === 200) served += 1;
        return status;
      },
      { timeout: 15_000 },
    )
    .toBe(503);
  expect((await call(gateway.url, gateway.key)).status, "a key without a budget").toBe(200);
  served += 1;
  hand.exec("rollback");

  await expect.poll(counted, { timeout: 15_000 }).toBe(served);
  expect((await call(gateway.url, limited)).status, "as soon as the database is well").toBe(200);
  hand.close();
  await gateway.close();
});

test("a database file that is removed is noticed, and what was recorded since is in the next one", async () => {
  const errors: unknown[] = [];
  const store = await openSqlite(path);
  const logPath = `${path}.calls`;
  const journal = createJournal({
    calls: store.calls,
    clock: systemClock,
    log: openLogFile(logPath),
    onError: (error) => errors.push(error),
  });
  for (const name of readdirSync(folder)) if (!name.endsWith(".calls")) rmSync(join(folder, name));
  journal.open(sampleCall());
  journal.settle(sampleSettlement());
  journal.open(sampleCall({ id: "req_2" }));
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  expect(errors[0]).toMatchObject({ message: "The database file was removed or replaced." });

  const next = await openSqlite(join(folder, "next.db"));
  await replay(next.calls, readLogFile(logPath));
  expect(await next.calls.get("req_1")).toEqual({ ...sampleCall(), settlement: sampleSettlement() });
  expect(await next.calls.listOpen(noon + 1)).toEqual([sampleCall({ id: "req_2" })]);
  await next.close();
  await store.close();
});

describe("a full disk", () => {
  test("stops admissions, and costs no call that was answered", async () => {
    // A limit of the size of files, which is met as a full disk is: by a write that fails.
    const started = (kilobytes: string) =>
      spawn("bash", ["-c", `trap "" XFSZ; ulimit -f ${kilobytes}; exec "$0" "$1"`, process.execPath, child], {
        env: { PATH: process.env.PATH, PORT: "0", TURNPIKE_DATABASE_URL: `file:${path}`, TURNPIKE_LOG_LEVEL: "silent" },
        stdio: ["ignore", "pipe", "inherit"],
      });
    const setUp = started("unlimited");
    const { key } = await toldBy(setUp.stdout);
    setUp.kill("SIGTERM");
    await once(setUp, "exit");

    const full = started("700");
    const { url } = await toldBy(full.stdout);
    let served = 0;
    let refused = false;
    const client = async (): Promise<void> => {
      while (!refused) {
        const { status } = await call(url, key);
        if (status === 200) served += 1;
        else {
          expect(status).toBe(503);
          refused = true;
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    full.kill("SIGKILL");
    await once(full, "exit");

    const roomy = started("unlimited");
    await toldBy(roomy.stdout);
    const hand = new Client(path, { readonly: true });
    const ledger = hand.prepare("select count(*) as n from calls where outcome = 'completed'").get() as { n: number };
    expect(ledger.n).toBe(served);
    hand.close();
    roomy.kill("SIGKILL");
    await once(roomy, "exit");
  }, 120_000);
});

const child = new URL("../support/gateway-child.ts", import.meta.url).pathname;

async function toldBy(stdout: NodeJS.ReadableStream): Promise<{ url: string; key: string }> {
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line) as { url: string; key: string };
  throw new Error("the gateway did not start");
}
