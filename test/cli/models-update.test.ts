// `turnpike models update`, run as a user runs it, against a server that publishes the source.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../../src/node.ts";

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const fixture = fileURLToPath(new URL("../fixtures/catalog/models-dev.json", import.meta.url));

describe("turnpike models update", () => {
  let folder: string;
  let file: string;
  let server: Server;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-models-"));
    file = join(folder, "data", "models.json");
    server = createServer((request, response) => {
      if (request.url === "/api.json")
        response.setHeader("content-type", "application/json").end(readFileSync(fixture));
      else response.writeHead(404).end("nothing");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const settings = () => ({ TURNPIKE_DATABASE_URL: `file:${join(folder, "data", "turnpike.db")}` });
  async function turnpike(...args: string[]) {
    const env = { PATH: process.env.PATH ?? "", ...settings() };
    const child = spawn(process.execPath, [cli, "models", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { out, err, code };
  }
  async function pricesShown(): Promise<unknown> {
    const running = await start({ ...settings(), PORT: "0", TURNPIKE_LOG_LEVEL: "error", OPENAI_API_KEY: "sk-test" });
    secret ||= running.first?.customerKey ?? "";
    try {
      const headers = { authorization: `Bearer ${secret}` };
      const answer = await fetch(`${running.url}/v1/models/openai/gpt-5-mini`, { headers });
      return ((await answer.json()) as { pricing: unknown }).pricing;
    } finally {
      await running.close();
    }
  }
  let secret = "";

  it("prints what would change and writes nothing", async () => {
    const { out, err, code } = await turnpike("update", "--from", `${url}/api.json`);
    expect(code).toBe(0);
    expect(out).toMatch(/^\+ openai\/gpt-new {2}model openai\/gpt-new, input 1.25, output 10, context 128000$/m);
    expect(out).toMatch(/^- openai\/gpt-4o$/m);
    expect(out).toMatch(/^~ openai\/gpt-5-mini {2}contextWindow 400000 → 500000, prices.input 0.25 → 0.2, /m);
    expect(err).toMatch(/^2 added, \d+ removed, 1 changed\.$/m);
    expect(err).toContain("Nothing was written.");
    expect(err).toContain("openai/odd");
    expect(existsSync(file)).toBe(false);
  });

  it("keeps the result in the data folder, where the list and the next start find it while it is the newer one", async () => {
    expect(await pricesShown()).toEqual({ input: "0.25", output: "2" });
    const written = await turnpike("update", "--from", fixture, "--write", "--json");
    expect(JSON.parse(written.out)).toMatchObject({ object: "catalog_update", written_to: file });
    expect((await turnpike("gpt-new", "--json")).out).toContain('"openai/gpt-new"');
    expect(await pricesShown()).toEqual({ input: "0.2", output: "2" });
    const again = await turnpike("update", "--from", fixture);
    expect([again.out, again.err]).toEqual(["", expect.stringContaining("0 added, 0 removed, 0 changed.")]);
    writeFileSync(file, readFileSync(file, "utf8").replace(/"date":"[^"]+"/, '"date":"2020-01-01"'));
    expect(await pricesShown()).toEqual({ input: "0.25", output: "2" });
  });

  it("refuses to start with a damaged file, says how to mend it, and mends it", async () => {
    writeFileSync(file, '{"date":"2099-01-01","providers":{"openai":[{}]}}');
    await expect(pricesShown()).rejects.toThrow(`${file} can't be read as a catalogue`);
    const mended = await turnpike("update", "--from", fixture, "--write");
    expect([mended.code, mended.err]).toEqual([0, expect.stringContaining(`Written to ${file}.`)]);
    expect(await pricesShown()).toEqual({ input: "0.2", output: "2" });
  });

  it.each([
    ["a file that is not there", () => join(folder, "none.json"), "ENOENT"],
    ["a server without it", () => `${url}/none.json`, "it answered 404"],
    ["something else", () => fileURLToPath(new URL("../../package.json", import.meta.url)), "can't be used"],
  ])("says why it can't use %s", async (_, from, why) => {
    const { code, out, err } = await turnpike("update", "--from", from(), "--write");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(why);
  });
});
