// `turnpike aliases`, on a database of its own and beside a configuration file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";

describe("turnpike aliases", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-cli-"));
    writeFileSync(join(folder, "turnpike.yaml"), "aliases: { tame: openai/gpt-5-mini }\n");
    expect((await turnpike("migrate")).code).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const said = { out: "", err: "" };
    const env = {
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_CONFIG: join(folder, "turnpike.yaml"),
    };
    const code = await run(args, {
      env,
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    });
    return { code, ...said };
  }
  const aliases = (...args: string[]) => turnpike("aliases", ...args);

  it("sets aliases and lists them, the file's beside the database's", async () => {
    const made = await aliases("set", "smart", "openai/gpt-5", "tame", "--fallback", "auto", "--strategy", "price");
    expect(made).toMatchObject({ code: 0, out: "smart stands for openai/gpt-5, tame.\n" });
    const definition = JSON.stringify({ targets: [{ model: "smart", weight: 3 }, "auto"], strategy: "weighted" });
    expect((await aliases("set", "split", "--definition", definition, "--sticky", "user")).code).toBe(0);
    const { data } = JSON.parse((await aliases("list", "--json")).out) as { data: unknown };
    expect(data).toMatchObject([
      { name: "smart", targets: ["openai/gpt-5", "tame"], strategy: "price", fallbacks: ["auto"], source: "database" },
      { name: "split", targets: [{ model: "smart", weight: 3 }, "auto"], sticky: "user" },
      { name: "tame", targets: ["openai/gpt-5-mini"], source: "file", created_at: null },
    ]);
    expect((await aliases("list")).out).toMatch(/^split +smart \(3\), auto +weighted +0 +database$/m);
  });

  it.each([
    ["set smart gpt-99", "`targets.0`: there is no model, alias or provider for gpt-99"],
    ["set smart split", "an alias can't lead back to itself"],
    ["set smart", "`targets`"],
    ["set smart auto --sticky user", "`sticky`: only a weighted alias can be sticky"],
    ["set smart --definition []{", "--definition takes an alias as a JSON object"],
    ["remove smart", "The alias `split` leads to this one"],
    ["remove tame", "stands in the configuration file"],
    ["remove nothing", "There is no alias of this name"],
  ])("refuses `%s`, and says why", async (command, message) => {
    const refused = await aliases(...command.split(" "));
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain(message);
  });

  it("removes them", async () => {
    expect(await aliases("remove", "split")).toMatchObject({ code: 0, out: "Removed split.\n" });
    expect(JSON.parse((await aliases("remove", "smart", "--json")).out)).toMatchObject({
      name: "smart",
      deleted: true,
    });
    expect((await aliases("list")).out).not.toContain("smart");
  });
});
