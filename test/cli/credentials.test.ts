// `turnpike credentials` and `turnpike vault` as a user runs them, beside a gateway that serves on.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const key = "sk-test-0123456789abcdefghijWXYZ";
const [before, after] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
  gateway = await startGateway({ env: { OPENAI_BASE_URL: `${replay.url}/v1`, TURNPIKE_MASTER_KEY: before } });
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

async function turnpike(
  args: readonly string[],
  { input = "", env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
) {
  const child = spawn(process.execPath, [cli, ...args], {
    env: {
      PATH: process.env.PATH ?? "",
      TURNPIKE_DATABASE_URL: `file:${gateway.folder}/turnpike.db`,
      TURNPIKE_MASTER_KEY: before,
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ...env,
    },
    cwd: gateway.folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}

async function chat(): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.status;
}

test("a credential that waits for a secret that stands elsewhere is listed as waiting, by the command and by the gateway", async () => {
  const missing = `file:${gateway.folder}/not-there`;
  const env = { MISTRAL_API_KEY: missing, GROQ_API_KEY: `file:${gateway.folder}/there` };
  writeFileSync(join(gateway.folder, "there"), key);
  const stored = await turnpike(
    ["credentials", "add", "openai", "--name", "v", "--reference", "vault:secret/openai#key"],
    { env: { VAULT_ADDR: "http://127.0.0.1:9", VAULT_TOKEN: "t" } },
  );
  expect(stored).toMatchObject({ code: 0, err: "" });
  const listed = await turnpike(["credentials", "list", "--json"], { env });
  const { data } = JSON.parse(listed.out) as { data: { provider: string; status: string }[] };
  expect(Object.fromEntries(data.map(({ provider, status }) => [provider, status]))).toEqual({
    mistral: "waiting",
    groq: "active",
    openai: "waiting",
  });
  await expect
    .poll(async () => (await gateway.admin("GET", "/credentials")).body, { timeout: 20_000 })
    .toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ provider: "openai", status: "waiting" })]),
    });
}, 120_000);

test("a credential is added from standard input, used by the gateway that runs, told of, and outlives the master key", async () => {
  replay.script(
    () => [
      { kind: "head", status: 200, headers: { "content-type": "application/json" } },
      JSON.stringify({
        ...{ id: "c", object: "chat.completion", created: 1, model: "m" },
        choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      }),
    ],
    { match: ({ headers }) => headers.authorization === `Bearer ${key}`, times: Number.POSITIVE_INFINITY },
  );
  expect((await turnpike(["credentials", "add", "openai"])).code).toBe(1);
  const added = await turnpike(["credentials", "add", "openai", "--weight", "3", "--json"], { input: `${key}\n` });
  const { id, ...view } = JSON.parse(added.out) as { id: string; weight: number };
  expect(view).toMatchObject({ weight: 3, hint: "WXYZ", status: "active" });
  await expect.poll(chat, { timeout: 10_000 }).toBe(200);

  expect((await turnpike(["credentials", "update", id, "--no-enabled"])).code).toBe(0);
  const shown = await turnpike(["credentials", "show", id]);
  expect(shown.out).toMatch(/status +disabled/);
  expect((await turnpike(["credentials", "update", id, "--enabled"])).code).toBe(0);

  const renewed = { TURNPIKE_MASTER_KEY: after, TURNPIKE_MASTER_KEY_PREVIOUS: before };
  expect((await turnpike(["vault", "status"], { env: renewed })).out).toContain("run `turnpike vault rekey`");
  const rekeyed = await turnpike(["vault", "rekey"], { env: renewed });
  expect([rekeyed.code, rekeyed.err], "no terminal, no line that is written over").toEqual([
    0,
    "wrapped anew: 2 keys, 1 data keys\n",
  ]);
  expect((await gateway.admin("GET", "/vault")).body).toMatchObject({ rekey_due: false, restart_due: true });
  // The gateway serves on with what it has opened, the customer's key included; so does one that knows the new master key alone.
  await expect.poll(chat, { timeout: 10_000 }).toBe(200);
  const listed = await turnpike(["credentials", "list", "--json"], { env: { TURNPIKE_MASTER_KEY: after } });
  expect(JSON.parse(listed.out)).toMatchObject({ data: [{ id, status: "active" }] });
  expect((await turnpike(["keys", "list"], { env: { TURNPIKE_MASTER_KEY: after } })).out).toContain("first-key");
  expect((await turnpike(["keys", "list"])).err).toContain("TURNPIKE_MASTER_KEY_PREVIOUS");
  const told = [added, shown, rekeyed, listed].map(({ out, err }) => out + err).join("");
  expect(told).not.toContain(key.slice(3, -4));
}, 120_000);
