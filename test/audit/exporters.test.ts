// Exporters against real receivers: strict syslog servers over TCP and TLS, a webhook's receiver, a file, and rsyslog.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Exporter, runExporter, type Sink } from "../../src/audit/exporters/exporter.ts";
import { fileSink } from "../../src/audit/exporters/file.node.ts";
import { type SyslogServer, syslogSink } from "../../src/audit/exporters/syslog.node.ts";
import { webhookSink } from "../../src/audit/exporters/webhook.ts";
import type { ExportedEntry, Format } from "../../src/audit/formats.ts";
import type { AuditTrail } from "../../src/audit/trail.ts";
import { openTrail } from "../../src/auditing.ts";
import { systemClock } from "../../src/clock.ts";
import { createDeliver } from "../../src/observe/webhooks/deliver.ts";
import { undiciPost } from "../../src/observe/webhooks/post.undici.ts";
import { newWebhookSecret } from "../../src/observe/webhooks/sign.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { startSyslog } from "../support/syslog-server.ts";

let folder: string;
let store: Store;
let trail: AuditTrail;
const running: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-export-"));
  store = await openSqlite(join(folder, "turnpike.db"));
  trail = await openTrail({
    store,
    masterKey: new Uint8Array(32).fill(1),
    clock: systemClock,
    alerts: null,
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function add(count: number): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      trail.record({
        action: "key.create",
        actor: { type: "admin", id: "adm_1" },
        target: { type: "key", id: `key_${index}` },
        outcome: "success",
        address: "192.0.2.7",
        after: { name: 'ünï "quoted" = \\ | ]\nline', padding: "x".repeat(500) },
      }),
    ),
  );
}

function run(sink: Sink, troubles: (string | null)[] = []): Exporter {
  const exporter = runExporter({
    name: "test",
    type: "test",
    sink,
    store: store.audit,
    now: Date.now,
    onTrouble: (trouble) => void troubles.push(trouble),
    batch: 20,
    everyMs: 10,
    retryMs: 5,
  });
  running.push(exporter);
  return exporter;
}

async function delivered(exporter: Exporter, seq: number): Promise<void> {
  await vi.waitFor(async () => expect(await exporter.status()).toMatchObject({ delivered_seq: seq, lag: 0 }), {
    timeout: 20_000,
  });
}

const server = (port: number, format: Format = "json", tls: SyslogServer["tls"] = null): SyslogServer => ({
  host: "127.0.0.1",
  port,
  tls,
  format,
  origin: { hostname: "gateway.example", appName: "turnpike", processId: "1" },
  timeoutMs: 5_000,
});

/** What came, each once, must be all there is, in order of first arrival. */
function firstSeen(seqs: readonly number[]): readonly number[] {
  return [...new Set(seqs)];
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function selfSigned(): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  execFileSync("openssl", ["req", "-x509", ...options, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

describe("syslog", () => {
  test("messages keep to RFC 5424, in order, over TCP, and a new exporter begins with the first entry", async () => {
    await add(50);
    const receiver = await startSyslog(null);
    running.push(receiver);
    const exporter = run(syslogSink(server(receiver.port)));
    await delivered(exporter, 50);
    await add(5);
    await delivered(exporter, 55);
    expect(receiver.complaints).toEqual([]);
    expect(receiver.messages.map(({ message }) => (JSON.parse(message) as ExportedEntry).seq)).toEqual(upTo(55));
    const [row] = await store.audit.scan(0, 1);
    expect(receiver.messages[0]).toMatchObject({
      priority: 13 * 8 + 6,
      hostname: "gateway.example",
      appName: "turnpike",
      messageId: "key.create",
      data: `[turnpike@32473 seq="1" hash="${row?.hash}"]`,
    });
  });

  test.each([["tcp"], ["tls"]])(
    "connections over %s that are cut in the middle lose nothing and keep the order",
    async (kind) => {
      const pair = kind === "tls" ? selfSigned() : null;
      const receiver = await startSyslog(pair);
      running.push(receiver);
      receiver.cutAfter([0, 10, 3_000, 1, 7_777, 15_000]);
      await add(100);
      const exporter = run(syslogSink(server(receiver.port, "json", pair === null ? null : { ca: pair.cert })));
      await delivered(exporter, 100);
      expect(receiver.complaints).toEqual([]);
      const seqs = receiver.messages.map(({ message }) => (JSON.parse(message) as ExportedEntry).seq);
      expect(firstSeen(seqs)).toEqual(upTo(100));
      expect(receiver.connections).toBeGreaterThan(10);
    },
  );

  test("a server that can't prove who it is gets nothing", async () => {
    const receiver = await startSyslog(selfSigned());
    running.push(receiver);
    await add(1);
    const troubles: (string | null)[] = [];
    const exporter = run(syslogSink(server(receiver.port, "json", {})), troubles);
    await vi.waitFor(() => expect(troubles[0]).toMatch(/self-signed/));
    expect(receiver.messages).toEqual([]);
    expect(await exporter.status()).toMatchObject({ delivered_seq: 0, lag: 1 });
  });

  test("an outage delays, and the next process goes on where the last one stopped", async () => {
    const receiver = await startSyslog(null);
    await add(30);
    const troubles: (string | null)[] = [];
    const first = run(syslogSink(server(receiver.port)), troubles);
    await delivered(first, 30);
    await receiver.close();
    await add(10);
    await vi.waitFor(() => expect(troubles[0]).toMatch(/ECONNREFUSED/));
    await first.close();
    const other = await startSyslog(null);
    running.push(other);
    await delivered(run(syslogSink(server(other.port))), 40);
    expect(other.messages.map(({ message }) => (JSON.parse(message) as ExportedEntry).seq)).toEqual(upTo(40).slice(30));
  });
});

const rsyslogd = ["/usr/sbin/rsyslogd", "/usr/bin/rsyslogd"].find(existsSync);

test.skipIf(rsyslogd === undefined)(
  "rsyslog takes them (Debian's rsyslog; skipped where it is not installed)",
  async () => {
    const port = await freePort();
    const out = join(folder, "received.log");
    const config = join(folder, "rsyslog.conf");
    writeFileSync(
      config,
      `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imtcp")
template(name="line" type="string" string="%msgid% %syslogfacility-text% %app-name% %structured-data% %msg%\\n")
input(type="imtcp" port="${port}" address="127.0.0.1")
action(type="omfile" file="${out}" template="line")
`,
    );
    const daemon = spawn(rsyslogd ?? "", ["-n", "-f", config, "-i", join(folder, "rsyslog.pid")], { stdio: "ignore" });
    running.push({ close: async () => daemon.kill("SIGKILL") });
    await add(300);
    await delivered(run(syslogSink(server(port, "cef"))), 300);
    const lines = await vi.waitFor(() => {
      const read = readFileSync(out, "utf8").split("\n").slice(0, -1);
      expect(read.length).toBeGreaterThanOrEqual(300);
      return read;
    });
    const seqs = lines.map((line) => Number(/externalId=(\d+)/.exec(line)?.[1]));
    expect(firstSeen(seqs)).toEqual(upTo(300));
    expect(lines[0]).toMatch(
      /^key\.create audit turnpike \[turnpike@32473 seq="1" hash="[0-9a-f]{64}"\] ?CEF:0\|Turnpike\|/,
    );
  },
);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

test("a file gets whole lines only, also after a death in the middle of one", async () => {
  const path = join(folder, "audit.jsonl");
  await add(25);
  const first = run(fileSink(path, "json"));
  await delivered(first, 25);
  await first.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  truncateSync(path, statSync(path).size - 100);
  await add(5);
  await delivered(run(fileSink(path, "json")), 30);
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  const seqs = lines.map((line) => (JSON.parse(line) as ExportedEntry).seq);
  expect(seqs).toEqual([...upTo(24), ...upTo(30).slice(25)]);
});

test("a webhook gets each entry signed, in order, once taken; what it refuses for good becomes a dead letter", async () => {
  const secret = newWebhookSecret();
  const seen: number[] = [];
  const problems: string[] = [];
  let turn = 0;
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      const entry = (JSON.parse(body) as { data: ExportedEntry }).data;
      const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = request.headers;
      const key = Buffer.from(secret.slice("whsec_".length), "base64");
      const expected = `v1,${createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")}`;
      if (signature !== expected || id !== `audit_${entry.hash}`) problems.push(`entry ${entry.seq}`);
      turn++;
      if (entry.seq === 7) return void response.writeHead(422).end();
      if (turn % 4 === 0) return void response.writeHead(503).end();
      if (turn % 9 === 0) return void request.socket.destroy();
      seen.push(entry.seq);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const post = undiciPost({ allowPrivate: true, timeoutMs: 5_000 });
  running.push({ close: () => new Promise((resolve) => receiver.close(resolve)) }, post);
  await add(30);
  const deliver = createDeliver({ post: post.post, allowPrivate: true, now: Date.now });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  await delivered(run(webhookSink(url, [secret], deliver)), 30);
  expect(problems).toEqual([]);
  expect(firstSeen(seen)).toEqual(upTo(30).filter((seq) => seq !== 7));
  expect(await store.audit.deadLetters("test", 10)).toMatchObject([{ seq: 7, reason: "the receiver answered 422" }]);
});
