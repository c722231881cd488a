// Operators are told of the secrets that stand elsewhere, in the admin surface, by alerts and by `turnpike doctor`, and never of a value.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { doctorCommand } from "../../../src/cli/doctor.ts";
import { startGateway } from "../../support/gateway.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-told-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const value = "sk-value-of-the-file-0123456789";

it("the admin surface lists each with its state, and alerts tell of what can't be read", async () => {
  const there = `file:${join(folder, "key")}`;
  const missing = `file:${join(folder, "missing")}#key`;
  writeFileSync(join(folder, "key"), value);
  const gateway = await startGateway({ env: { OPENAI_API_KEY: there, ANTHROPIC_API_KEY: missing } });
  try {
    const get = async (path: string) => {
      const response = await fetch(`${gateway.url}/admin/v1${path}`, {
        headers: { authorization: `Bearer ${gateway.adminKey}` },
      });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).not.toContain(value);
      return JSON.parse(text).data as Record<string, unknown>[];
    };
    const references = await get("/references");
    expect(references).toHaveLength(2);
    expect(references).toContainEqual({
      object: "reference",
      reference: there,
      manager: "file",
      status: "fresh",
      version: null,
      read_at: expect.any(String),
      expires_at: null,
      next_read_at: expect.any(String),
      failures: 0,
      last_error: null,
    });
    expect(references).toContainEqual(
      expect.objectContaining({
        reference: missing,
        status: "waiting",
        last_error: { at: expect.any(String), message: "the file can't be read." },
      }),
    );
    await expect
      .poll(async () => (await get("/alerts")).map(({ kind, subject }) => [kind, subject]))
      .toContainEqual(["secret_unreadable", missing]);
  } finally {
    await gateway.close();
  }
});

it("doctor reads each, and names those that it can't read", async () => {
  writeFileSync(join(folder, "key"), value);
  const diagnose = async (reference: string): Promise<{ readonly healthy: boolean; readonly text: string }> => {
    let text = "";
    const env = { TURNPIKE_DATABASE_URL: `file:${join(folder, "x.db")}`, PORT: "0", OPENAI_API_KEY: reference };
    const write = (line: string): void => {
      text += line;
    };
    const healthy = await doctorCommand({ env, out: write, err: write }, { json: true });
    return { healthy, text };
  };
  const good = await diagnose(`file:${join(folder, "key")}`);
  expect(good).toMatchObject({ healthy: true, text: expect.stringContaining("1 can be read") });
  expect(good.text).not.toContain(value);
  const bad = await diagnose(`file:${join(folder, "none")}`);
  expect(bad).toMatchObject({
    healthy: false,
    text: expect.stringContaining("none can't be read: the file can't be read."),
  });
});
