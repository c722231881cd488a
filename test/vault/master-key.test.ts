// The master key: made once, kept for its owner only, and never accepted in part.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config.ts";
import { loadMasterKey } from "../../src/vault/master-key.node.ts";
import { formatMasterKey, generateMasterKey, parseMasterKey } from "../../src/vault/master-key.ts";

describe("a master key", () => {
  let folder: string;
  let warnings: string[];
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "turnpike-key-")), "data");
    warnings = [];
  });
  afterEach(() => rmSync(join(folder, ".."), { recursive: true }));
  const load = (configured: string | null = null) =>
    loadMasterKey({ configured, folder, warn: (message) => warnings.push(message) });

  it("comes from the environment, and then touches no file", () => {
    const key = generateMasterKey();
    expect(load(formatMasterKey(key))).toEqual(key);
    expect(load(`${Buffer.from(key).toString("base64url")}\n`)).toEqual(key);
    expect(warnings).toEqual([]);
    expect(() => statSync(folder)).toThrow("ENOENT");
  });

  it("is made in the data folder on first start, for its owner only, with a warning, and stays", () => {
    const key = load();
    expect(key).toHaveLength(32);
    expect(readdirSync(folder)).toEqual(["master.key"]);
    expect(statSync(join(folder, "master.key")).mode & 0o777).toBe(0o600);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain(formatMasterKey(key));
    expect(load()).toEqual(key);
    expect(warnings).toHaveLength(1);
  });

  it("that others can read is used, with a warning", () => {
    load();
    chmodSync(join(folder, "master.key"), 0o644);
    load();
    expect(warnings.at(-1)).toContain("chmod 600");
  });

  it.each(["", "abc", `${"a".repeat(43)}!`, Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64")])(
    "that is not 32 bytes (%s) is refused, unrepeated",
    (text) => {
      const refusal = () => parseMasterKey(text, "TURNPIKE_MASTER_KEY");
      expect(refusal).toThrow(ConfigError);
      expect(refusal).toThrow(
        /^TURNPIKE_MASTER_KEY: expected 32 bytes in base64, as `openssl rand -base64 32` makes them$/,
      );
    },
  );

  it("in a damaged file stops the start instead of being replaced", () => {
    load();
    writeFileSync(join(folder, "master.key"), "half a key");
    expect(load).toThrow(ConfigError);
  });

  it("of a database in memory lives as long as the process", () => {
    const none = { configured: null, folder: null, warn: (message: string) => warnings.push(message) };
    expect(loadMasterKey(none)).not.toEqual(loadMasterKey(none));
    expect(warnings).toEqual([]);
  });
});
