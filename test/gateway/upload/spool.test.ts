// Spools keep what they are given, and files that a dead process left are gone with the next start.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileSpools } from "../../../src/gateway/upload/spool.node.ts";
import { memorySpool, type OpenSpool } from "../../../src/gateway/upload/spool.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "turnpike-spool-")), "uploads");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

describe.each<readonly [string, () => OpenSpool]>([
  ["in a file", () => fileSpools(folder)],
  ["in memory", () => memorySpool],
])("a spool %s", (_name, spools) => {
  test("gives back what it was given, from any place", async () => {
    const spool = await spools()();
    const whole = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 251));
    for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 3) % 50_000) {
      await spool.append(whole.subarray(at, at + size));
    }
    for (const from of [0, 1, 65_535, 65_536, 131_072, 199_999]) {
      const pieces: Uint8Array[] = [];
      for (let at = from; at < whole.length; at += pieces.at(-1)?.length ?? 0) {
        pieces.push(await spool.read(at, Math.min(70_000, whole.length - at)));
      }
      expect(Buffer.concat(pieces).equals(whole.subarray(from))).toBe(true);
    }
    await spool.close();
  });
});

test("a spool's file is nobody else's, and has no name", async () => {
  const open = fileSpools(folder);
  const spool = await open();
  await spool.append(Buffer.from("x"));
  expect(readdirSync(folder)).toEqual([]);
  expect(statSync(folder).mode & 0o077).toBe(0);
  await spool.close();
});

test("a file that a killed process left is removed at the next start, and nothing else", () => {
  fileSpools(folder);
  writeFileSync(join(folder, "5e4d.upload"), "half a file");
  writeFileSync(join(folder, "notes.txt"), "mine");
  fileSpools(folder);
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
});
