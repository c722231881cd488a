// Files and variables of the machine: what is mounted is followed as it changes.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { read } from "./opened.ts";

let folder: string;
const closing: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-files-"));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(reference: string, env: Readonly<Record<string, string>> = {}) {
  const opened = await read(env, reference);
  closing.push(() => opened.references.close());
  return opened;
}

describe("a secret in a file", () => {
  it("is followed when the file is written anew", async () => {
    writeFileSync(join(folder, "key"), "one\n");
    const { value } = await open(`file:${join(folder, "key")}`);
    expect(value()).toBe("one");
    writeFileSync(join(folder, "key"), "two\n");
    await expect.poll(value).toBe("two");
    writeFileSync(join(folder, "key.new"), "three\n");
    renameSync(join(folder, "key.new"), join(folder, "key"));
    await expect.poll(value).toBe("three");
  });

  it("is followed when Kubernetes exchanges the link to the folder of its version", async () => {
    const version = (name: string, value: string) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "openai.json"), JSON.stringify({ key: value }));
      symlinkSync(name, join(folder, "..data_tmp"));
      renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    };
    version("..2026_01", "one");
    symlinkSync(join("..data", "openai.json"), join(folder, "openai.json"));
    const { value } = await open(`file:${join(folder, "openai.json")}#key`);
    expect(value()).toBe("one");
    version("..2026_02", "two");
    rmSync(join(folder, "..2026_01"), { recursive: true });
    await expect.poll(value).toBe("two");
  });

  it("is read again after a minute where no change is told, and when its provider refuses it", async () => {
    const path = join(folder, "later", "key");
    const { state, value, time, source } = await open(`file:${path}`);
    expect(state()).toMatchObject({ status: "waiting", lastError: { message: "the file can't be read." } });
    mkdirSync(join(folder, "later"));
    writeFileSync(path, "one");
    time.pass(1_000);
    await expect.poll(value).toBe("one");
    writeFileSync(path, "two");
    time.pass(60_000);
    await expect.poll(value).toBe("two");
    writeFileSync(path, "three");
    expect(await source.renew(source.current())).toBe(true);
    expect(value()).toBe("three");
  });

  it("serves its last value when the file goes", async () => {
    writeFileSync(join(folder, "key"), "one");
    const { value, state } = await open(`file:${join(folder, "key")}`);
    rmSync(join(folder, "key"));
    await expect.poll(() => state().status).toBe("stale");
    expect(value()).toBe("one");
  });
});

describe("a secret in a variable", () => {
  it("is its value, or a field of it", async () => {
    const env = { KEY: " value ", ALL: '{"openai":"other"}' };
    expect((await open("env:KEY", env)).value()).toBe("value");
    expect((await open("env:ALL#openai", env)).value()).toBe("other");
  });

  it("that is not set, or holds a reference itself, is told of", async () => {
    expect((await open("env:NONE")).state().lastError?.message).toBe("the variable is not set.");
    const chained = await open("env:KEY", { KEY: "file:/etc/passwd" });
    expect(chained.state().lastError?.message).toBe("what stands there is a reference itself.");
  });
});
