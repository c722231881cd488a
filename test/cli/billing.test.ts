// `turnpike credits`, `ledger`, `invoices`: money on the command line, the same as over the admin surface.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

describe("on the command line", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-billing-"));
    expect((await turnpike("migrate")).code).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = () => join(folder, "turnpike.db");

  async function turnpike(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const said = { out: "", err: "" };
    const env = { TURNPIKE_DATABASE_URL: `file:${path()}` };
    const say = (to: "out" | "err") => (text: string) => {
      said[to] += text;
    };
    return { code: await run(args, { env, out: say("out"), err: say("err") }), ...said };
  }
  async function json<T = { data: Record<string, unknown>[] }>(...args: string[]): Promise<T> {
    const { code, out, err } = await turnpike(...args, "--json");
    if (code !== 0) throw new Error(err);
    return JSON.parse(out) as T;
  }

  it("credits are topped up, charged, refunded and adjusted, and the ledger tells of each", async () => {
    const made = await turnpike(
      "credits",
      "top-up",
      "acme",
      "25.00",
      "--reason",
      "invoice 7",
      "--expires-at",
      "2100-01-01T00:00:00Z",
      "--create",
    );
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^led_\w+: 25 USD\. The balance of acme is 25 USD\.\n$/),
    });
    await turnpike("credits", "charge", "acme", "3.5", "--reason", "set-up");
    await turnpike("credits", "refund", "acme", "1", "--reason", "an apology");
    await turnpike("credits", "adjust", "--reason", "a typing error", "--", "acme", "-0.25");
    expect((await json("credits", "list")).data).toMatchObject([
      { customer: "acme", balance_usd: "22.25", granted_usd: "22.25", charged_usd: "0" },
    ]);
    expect((await json("credits", "list", "nobody")).data).toEqual([]);
    const { data } = await json("ledger", "--customer", "acme");
    expect(data.map(({ kind, usd, actor }) => [kind, usd, actor])).toEqual([
      ["adjustment", "-0.25", "command line"],
      ["refund", "1", "command line"],
      ["fee", "-3.5", "command line"],
      ["top_up", "25", "command line"],
    ]);
    const csv = await turnpike("ledger", "--kind", "fee", "--format", "csv");
    expect(csv.out).toMatch(
      /^id,at,customer,kind,usd,.*\r\nled_\w+,[^,]+,acme,fee,-3\.5,revenue,set-up,command line,\r\n$/,
    );
    const page = await turnpike("ledger", "--limit", "1");
    expect(page.out).toMatch(/adjustment +-0\.25/);
    expect(page.err).toMatch(/^There are more: --cursor \d+:led_\w+\n$/);
  });

  it("a customer's prices and how it pays are told and changed", async () => {
    expect((await turnpike("customers", "pricing", "nobody")).err).toContain("create it first");
    await turnpike("customers", "set", "umbrella");
    expect((await turnpike("customers", "pricing", "umbrella")).out).toBe(
      "umbrella is charged 100 for each 100 of cost, and pays afterwards.\n",
    );
    expect(await json("customers", "pricing", "umbrella", "--price-percent", "112.5", "--prepaid")).toMatchObject({
      ...{ price_percent: "112.5", prepaid: true },
    });
    expect((await turnpike("customers", "pricing", "umbrella", "--no-prepaid")).out).toBe(
      "umbrella is charged 112.5 for each 100 of cost, and pays afterwards.\n",
    );
    expect((await json("customers", "list")).data.find(({ id }) => id === "umbrella")).toMatchObject({
      ...{ price_percent: "112.5", prepaid: false },
    });
    expect((await turnpike("customers", "pricing", "umbrella", "--price-percent", "much")).err).toContain(
      "price_percent",
    );
  });

  it("invoices are drawn as a table, as JSON and as CSV", async () => {
    const store = await openSqlite(path());
    await store.calls.append({
      opened: [sampleCall({ customer: "acme", openedAtMs: Date.UTC(2026, 9, 5) })],
      settled: [sampleSettlement({ chargedNanos: 15_000n, prepaid: true, settledAtMs: Date.UTC(2026, 9, 5) })],
    });
    await store.close();
    const args = ["invoices", "--month", "2026-10"];
    const [names, row] = (await turnpike(...args)).out.split("\n");
    expect(names).toMatch(
      /^customer +month +status +requests +cost usd +price percent +charged usd +credits applied usd +due usd +balance usd/,
    );
    expect(row).toMatch(/^acme +2026-10 +\w+ +1 +0\.0000125 +120 +0\.000015 +0\.000015 +0 +-0\.000015$/);
    expect((await json(...args, "--group-by", "project,key")).data).toMatchObject([
      { lines: [{ project: "shop", key: "key_1" }] },
    ]);
    expect((await turnpike(...args, "--format", "csv")).out).toMatch(/\r\nacme,2026-10,\w+,due,.*,0\r\n/);
  });

  it("what can't be is refused, with what to do", async () => {
    for (const args of [
      ["credits", "top-up", "amce", "5"],
      ["credits", "top-up", "acme", "0"],
      ["credits", "top-up", "acme", "ten"],
      ["credits", "adjust", "acme", "1"],
      ["invoices", "--month", "october"],
      ["ledger", "--kind", "theft"],
      ["customers", "delete", "acme"],
    ]) {
      const { code, err } = await turnpike(...args);
      expect([code, err], args.join(" ")).toEqual([
        expect.toSatisfy((one) => one === 1 || one === 2),
        expect.stringMatching(/usd|reason|month|kind|balance|--create/),
      ]);
    }
  });
});
