// The built command, as it is installed: a bundle loads its parts in another order than the sources do.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "turnpike-built-"));
const env = { PATH: process.env.PATH ?? "", PORT: "0", TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}` };

beforeAll(async () => {
  const build = spawn(process.execPath, [join(root, "scripts", "build.mjs")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await once(build, "exit")).toEqual([0, null]);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

function turnpike(args: readonly string[], over: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [join(root, "bin", "turnpike.js"), ...args], {
    env: { ...env, ...over },
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ran(args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = turnpike(args);
  if (child.stdout === null || child.stderr === null) throw new Error("its output is not read");
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}

/** What a first start prints. */
async function firstStart(child: ChildProcess): Promise<{ url: string; key: string }> {
  let printed = "";
  for await (const piece of child.stdout ?? []) {
    printed += piece;
    const url = /http:\/\/[\d.]+:\d+/.exec(printed)?.[0];
    const key = /tp_live_\w+/.exec(printed)?.[0];
    if (url !== undefined && key !== undefined) return { url, key };
  }
  throw new Error(`it did not start: ${printed}`);
}

describe("the built command", () => {
  test("comes with compiled code that this V8 takes", async () => {
    const load = JSON.stringify(pathToFileURL(join(root, "bin", "load.js")));
    const code = `import { gateway } from ${load}; console.log(gateway().cachedDataRejected);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect(await text(child.stdout)).toBe("false\n");
  });

  test.each(["1", "2"])(
    "serves from %s process(es), and stops when it is told to",
    { timeout: 60_000 },
    async (workers) => {
      const database = `file:${join(folder, `served-by-${workers}.db`)}`;
      const child = turnpike(["start"], { TURNPIKE_WORKERS: workers, TURNPIKE_DATABASE_URL: database });
      const { url, key } = await firstStart(child);
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "Hello" }] }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("Hello");
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  );

  test.each([
    ["migrate"],
    ["keys", "list"],
    ["customers", "list"],
    ["projects", "list"],
    ["templates", "list"],
    ["credentials", "list"],
    ["vault", "status"],
    ["rules", "list"],
    ["webhooks", "list"],
    ["admins", "list"],
    ["roles", "list"],
    ["aliases", "list"],
    ["models"],
    ["usage"],
    ["ledger"],
    ["invoices"],
    ["audit", "list"],
    ["audit", "verify"],
    ["openapi"],
  ])("%s %s does its work", { timeout: 60_000 }, async (...args) => {
    const { code, err } = await ran(args);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(0);
  });
});
