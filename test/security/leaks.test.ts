// The proof that nothing leaks: a gateway lives through success, refusal, upstream errors that repeat its keys, and a crash; then
// everything that it has written, said and kept in memory is searched for every secret that it was given or has made.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomBase62 } from "../../src/keys/base62.ts";
import { generateAdminKey } from "../../src/keys/format.ts";
import type { Script } from "../support/answers.ts";
import { always, answer, at } from "../support/plain-answers.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { findSecrets, formsOf } from "./searching.ts";

const adminKey = generateAdminKey();
const secrets: Record<string, string> = {
  "the administrator's key": adminKey,
  "the master key": randomBytes(32).toString("base64"),
  "alpha's key": `sk-alpha-${randomBase62(40)}`,
  "beta's key": `sk-beta-${randomBase62(40)}`,
  "openai's key": `sk-proj-${randomBase62(60)}`,
};
/** Secrets that only customers hold: nothing of them may stay in memory. */
const customers: Record<string, string> = {};
const answers: Record<string, string> = {};

let replay: Replay;
let receiver: Receiver;
let folder: string;
let child: ChildProcess;
let url: string;
let said = "";

/** Begins the gateway on the folder's data. */
async function begin(): Promise<void> {
  child = spawn(process.execPath, ["--expose-gc", new URL("./child.ts", import.meta.url).pathname], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "debug",
      TURNPIKE_MASTER_KEY: secrets["the master key"],
      TURNPIKE_ADMIN_KEY: adminKey,
      TURNPIKE_MAX_RETRY_WAIT_MS: "0",
      TURNPIKE_WEBHOOKS_PRIVATE: "on",
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha`,
      TURNPIKE_PROVIDER_ALPHA_API_KEY: secrets["alpha's key"],
      TURNPIKE_PROVIDER_BETA_BASE_URL: `${replay.url}/beta`,
      TURNPIKE_PROVIDER_BETA_API_KEY: secrets["beta's key"],
      OPENAI_API_KEY: secrets["openai's key"],
      OPENAI_BASE_URL: `${replay.url}/openai`,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
  [{ url }] = (await once(child, "message")) as [{ url: string }];
}

/** A request whose answer is kept, its headers too. @param shown secrets that this answer is to show, which are taken out of it. */
async function ask(name: string, path: string, init: RequestInit & { readonly key?: string } = {}): Promise<string> {
  const { key, ...rest } = init;
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    "content-type": "application/json",
    connection: "close",
  };
  const response = await fetch(`${url}${path}`, { ...rest, headers: { ...headers, ...rest.headers } });
  const text = await response.text();
  answers[name] = `${response.status} ${JSON.stringify([...response.headers])} ${text}`;
  return text;
}

const post = (name: string, path: string, body: unknown, key?: string) =>
  ask(name, path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(key !== undefined && { key }),
  });

/** An answer that shows a new secret once, as it should: kept without it. */
async function issue(
  name: string,
  path: string,
  body: object,
  member: "key" | "secret",
): Promise<{ id: string; secret: string }> {
  const issued = JSON.parse(await post(name, path, body, adminKey)) as Record<string, string>;
  const secret = issued[member] ?? "";
  expect(secret, `${name}: ${answers[name]}`).not.toBe("");
  answers[name] = (answers[name] ?? "").replace(secret, "");
  return { id: issued.id ?? "", secret };
}

const chat = (model: string, more: object = {}) => ({ model, messages: [{ role: "user", content: "Hello" }], ...more });

/** An upstream that repeats the key that it was called with, as some do. */
const repeating =
  (status: number): Script =>
  (request) => {
    const key = request.headers.authorization ?? "";
    return [
      { kind: "head", status, headers: { "content-type": "application/json", "x-echo": key, "www-authenticate": key } },
      JSON.stringify({
        error: {
          message: `Incorrect API key provided: ${key}; ${key.slice(7)}; ${encodeURIComponent(key)}`,
          type: "invalid",
          code: key,
          param: key,
        },
      }),
    ];
  };

const streaming: Script = () => [
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\n',
  "data: [DONE]\n\n",
];

const breakingOff: Script = (request) => [
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}\n\n',
  `data: {"error":{"message":"key ${request.headers.authorization} is over its quota","code":"x"}}\n\n`,
  { kind: "reset" },
];

function written(): Record<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name))]));
}

beforeAll(async () => {
  replay = await startReplay();
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), "turnpike-leaks-"));
  await begin();
  const first = await issue("POST /keys (first)", "/admin/v1/keys", { name: "first", customer: "acme" }, "key");
  const firstKey = first.secret;
  customers["the first key"] = firstKey;

  const made = await issue(
    "POST /keys",
    "/admin/v1/keys",
    { name: "n", customer: "acme", policy: { models: ["alpha/*"] } },
    "key",
  );
  const turned = await issue("POST /keys/{id}/rotate", `/admin/v1/keys/${made.id}/rotate`, {}, "key");
  const leaked = await issue("POST /keys (leaked)", "/admin/v1/keys", { name: "l", customer: "acme" }, "key");
  Object.assign(customers, {
    "a made key": made.secret,
    "a rotated key": turned.secret,
    "a leaked key": leaked.secret,
  });
  const hook = await issue("POST /webhooks", "/admin/v1/webhooks", { url: receiver.url }, "secret");
  const turnedHook = await issue("POST /webhooks/{id}/rotate", `/admin/v1/webhooks/${hook.id}/rotate`, {}, "secret");
  secrets["a webhook's secret"] = hook.secret;
  secrets["a webhook's new secret"] = turnedHook.secret;
  await post("POST /webhooks/{id}/test", `/admin/v1/webhooks/${hook.id}/test`, {}, adminKey);
  await post("POST /keys/revoke-leaked", "/admin/v1/keys/revoke-leaked", { secrets: [leaked.secret] }, adminKey);

  replay.script(answer, { match: at("alpha"), times: 3 });
  for (const [name, key] of Object.entries(customers))
    await post(`chat with ${name}`, "/v1/chat/completions", chat("alpha/m"), key);
  replay.script(streaming, { match: at("alpha") });
  await post("stream", "/v1/chat/completions", chat("alpha/m", { stream: true }), firstKey);
  replay.script(breakingOff, { match: at("beta") });
  await post("stream that breaks off", "/v1/chat/completions", chat("beta/m", { stream: true }), firstKey);
  for (const status of [400, 401, 403, 404, 429, 500]) {
    replay.script(repeating(status), { match: at("beta") });
    await post(`upstream ${status}`, "/v1/chat/completions", chat("beta/m"), firstKey);
    replay.script(repeating(status), { match: at("openai") });
    await post(
      `upstream ${status}, translated`,
      "/v1/messages",
      chat("openai/gpt-4.1-mini", { max_tokens: 5 }),
      firstKey,
    );
  }
  replay.script(() => [{ kind: "reset" }], { match: at("beta"), ...always });
  await post("upstream gone", "/v1/embeddings", { model: "beta/m", input: "x" }, firstKey);

  for (const [name, key] of Object.entries({ ...customers, admin: adminKey })) {
    await post(`no JSON, ${name}`, "/v1/chat/completions", "{", key);
    await ask(`key in the URL, ${name}`, `/v1/models?api_key=${key}`);
    await ask(`key in the path, ${name}`, `/v1/nothing`, { key });
    await ask(`two keys, ${name}`, "/v1/models", { key, headers: { "x-api-key": adminKey } });
    await ask(`a customer's side, ${name}`, "/v1/models", { key });
    await ask(`an operator's side, ${name}`, "/admin/v1/keys", { key });
    await ask(`metrics, ${name}`, "/metrics", { key });
    await ask(`own key, ${name}`, "/v1/key", { key });
    await ask(`Google's way, ${name}`, "/v1beta/models", { headers: { "x-goog-api-key": key } });
  }
  for (const path of [
    "keys",
    "customers",
    "alerts",
    "providers",
    "providers/openai",
    "usage",
    "refusals",
    "webhooks",
    "audit",
    "credentials",
    "models",
    "openapi.json",
    `webhooks/${hook.id}/deliveries`,
    `keys/${made.id}/secrets`,
  ]) {
    await ask(`GET /admin/v1/${path}`, `/admin/v1/${path}`, { key: adminKey });
  }
}, 60_000);

afterAll(async () => {
  child.kill("SIGKILL");
  await receiver.close();
  await replay.close();
  rmSync(folder, { recursive: true });
});

const all = () => ({ ...secrets, ...customers });

describe("searching", () => {
  test("finds a secret in every form, wherever it begins", () => {
    const secret = "tp_live_a+b/c?d=0123456789";
    for (const [form, text] of formsOf(secret))
      expect(findSecrets({ there: `..${text}..` }, { secret }), form).not.toEqual([]);
    for (const before of ["", "x", "xy", "xyz"]) {
      const encoded = Buffer.from(`${before}${secret} and more`).toString("base64");
      expect(findSecrets({ there: `{"a":"${encoded}"}` }, { secret })).not.toEqual([]);
    }
    expect(findSecrets({ there: secret.slice(1) }, { secret })).toEqual([]);
  });
});

describe("what a gateway has lived through", () => {
  test("was what the search is about: calls were served, refused, and failed upstream", () => {
    expect(Object.keys(answers).length).toBeGreaterThan(50);
    for (const [name, start] of [
      ["chat with the first key", "200"],
      ["chat with a made key", "200"],
      ["chat with a leaked key", "401"],
      ["stream", "200"],
      ["upstream 401", "502"],
      ["key in the URL, the first key", "400"],
      ["metrics, admin", "200"],
      ["POST /keys/revoke-leaked", "200"],
    ] as const)
      expect(answers[name], name).toMatch(new RegExp(`^${start} `));
    expect(receiver.events.map(({ type }) => type)).toContain("webhook.test");
  });

  test("no answer shows a secret, in any form", () => {
    expect(findSecrets(answers, all())).toEqual([]);
  });

  test("no webhook tells a secret", async () => {
    await expect.poll(() => receiver.events.map(({ type }) => type)).toContain("alert.key_leaked.opened");
    const told = Object.fromEntries(
      receiver.events.map(({ body, headers }, at) => [`event ${at}`, body + JSON.stringify(headers)]),
    );
    expect(findSecrets(told, all())).toEqual([]);
  });

  test("no file of the data folder holds a secret while it serves: database, its log, the log of calls, the spool", () => {
    const files = written();
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["turnpike.db", "turnpike.db-wal", "turnpike.db.calls"]));
    expect(findSecrets(files, all())).toEqual([]);
  });

  test("an idle process has forgotten every customer's key, and keeps at most one copy of any other secret", async () => {
    const path = join(folder, "..", `heap-${process.pid}.heapsnapshot`);
    child.send({ do: "snapshot", text: path });
    await once(child, "message");
    const heap = readFileSync(path);
    rmSync(path);
    expect(heap.length).toBeGreaterThan(1_000_000);
    expect(findSecrets({ heap }, customers)).toEqual([]);
    const { strings } = JSON.parse(heap.toString()) as { strings: readonly string[] };
    const copies = Object.entries(secrets).map(([name, secret]) => [
      name,
      strings.filter((text) => text.includes(secret)).length,
    ]);
    // The settings that it was started with, which `process.env` keeps outside of the heap as well. Of webhooks' secrets, none.
    for (const [name, count] of copies) expect(count, `${name} stands in memory ${count} times`).toBeLessThanOrEqual(1);
  }, 60_000);

  test("nothing that it said holds a secret, nor its last words when it crashes with one in its hands", async () => {
    const gone = once(child, "close");
    child.send({ do: "crash", text: secrets["beta's key"] });
    expect(await gone).not.toEqual([0, null]);
    expect(said).toContain("request to the provider failed");
    expect(said.length).toBeGreaterThan(500);
    expect(findSecrets({ output: said }, all())).toEqual([]);
    expect(findSecrets(written(), all())).toEqual([]);
  });

  test("nothing that is left after a start on the same data and a stop holds a secret", async () => {
    await begin();
    await ask("models after the crash", "/v1/models", { key: customers["the first key"] ?? "" });
    expect(answers["models after the crash"]).toMatch(/^200 /);
    const gone = once(child, "close");
    child.send({ do: "stop", text: "" });
    expect(await gone).toEqual([0, null]);
    const files = written();
    expect(Object.keys(files)).toContain("turnpike.db");
    expect(findSecrets({ ...files, output: said, ...answers }, all())).toEqual([]);
  });
});
