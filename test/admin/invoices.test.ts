// Invoices over the admin surface: what is charged, by whatever lines; how credits moved; what is closed stays as it is.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleEntry } from "../store/contract-credits.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

const november = Date.UTC(2026, 10, 1);
const december = Date.UTC(2026, 11, 1);
const hour = 3_600_000;
let server: AdminServer;

beforeAll(async () => {
  server = await startAdmin();
  const { ledger, calls } = server.store;
  await ledger.add(sampleEntry({ id: "a", customer: "prepaid", atMs: november - 1, amountNanos: 10_000_000_000n }));
  await ledger.add(sampleEntry({ id: "b", customer: "prepaid", atMs: november, amountNanos: 5_000_000_000n }));
  const fee = { kind: "fee", amountNanos: -500_000_000n, counterAccount: "revenue" } as const;
  await ledger.add(sampleEntry({ ...fee, id: "c", customer: "prepaid", atMs: november + 1 }));
  const call = (id: string, customer: string, openedAtMs: number) => sampleCall({ id, customer, openedAtMs });
  await calls.append({
    opened: [
      call("req_1", "prepaid", november),
      call("req_2", "prepaid", december - 1),
      call("req_3", "later", november + 5),
      call("req_4", "later", november + 6),
      call("req_5", "later", december),
      call("req_6", '=cmd|"x"', december - 1),
    ],
    settled: [
      sampleSettlement({
        id: "req_1",
        costNanos: 1_000_000_000n,
        chargedNanos: 1_200_000_000n,
        prepaid: true,
        settledAtMs: november + 9,
      }),
      sampleSettlement({
        id: "req_2",
        costNanos: 2_000_000_000n,
        chargedNanos: 2_400_000_000n,
        prepaid: true,
        settledAtMs: december + 9,
      }),
      sampleSettlement({ id: "req_3", costNanos: 3_000_000_000n, chargedNanos: 2_700_000_000n }),
      sampleSettlement({ id: "req_4", canonicalModel: "lab/free", costNanos: null }),
      sampleSettlement({ id: "req_5", costNanos: 9_000_000_000n }),
    ],
  });
});
afterAll(() => server.close());

async function invoices(query = ""): Promise<Record<string, unknown>[]> {
  const response = await server.request("GET", `/invoices?month=2026-11${query}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
}

describe("GET /admin/v1/invoices", () => {
  it("charges each customer of a month for its calls, at what they were charged, less what its credits paid", async () => {
    expect(await invoices()).toMatchObject([
      {
        ...{
          id: "2026-11:later",
          customer: "later",
          status: "draft",
          currency: "USD",
          requests: 2,
          unpriced_requests: 1,
        },
        lines: [
          { model: "lab/free", requests: 1, cost_usd: "0", price_percent: null, charged_usd: "0" },
          { model: "openai/gpt-5-mini", requests: 1, cost_usd: "3", price_percent: "90", charged_usd: "2.7" },
        ],
        ...{
          cost_usd: "3",
          price_percent: "90",
          charged_usd: "2.7",
          credits_applied_usd: "0",
          due_usd: "2.7",
          account: null,
        },
      },
      {
        ...{ customer: "prepaid", cost_usd: "3", price_percent: "120", charged_usd: "3.6" },
        ...{ credits_applied_usd: "3.6", due_usd: "0" },
        account: {
          ...{ opening_usd: "10", top_up_usd: "5", fee_usd: "-0.5", charge_usd: "-1.2", refund_usd: "0" },
          // The charge of a call that ended in December is December's.
          closing_usd: "13.3",
        },
      },
    ]);
  });

  it("has lines for whatever is asked, and one customer at a time where that is asked", async () => {
    const [invoice] = await invoices("&customer=prepaid&group_by=key,day,customer");
    expect(invoice?.lines).toMatchObject([
      { key: "key_1", day: "2026-11-01", charged_usd: "1.2" },
      { key: "key_1", day: "2026-11-30", charged_usd: "2.4" },
    ]);
    expect(await invoices("&group_by=month&customer=later")).toMatchObject([{ lines: [{ requests: 2 }] }]);
    expect(await invoices("&customer=nobody")).toEqual([]);
  });

  it("comes in pages, by customer", async () => {
    const page = async (query: string) =>
      (await (await server.request("GET", `/invoices?month=2026-11&limit=1${query}`)).json()) as Record<
        string,
        unknown
      >;
    expect(await page("")).toMatchObject({ data: [{ customer: "later" }], has_more: true, next_cursor: "later" });
    expect(await page("&cursor=later")).toMatchObject({ data: [{ customer: "prepaid" }], has_more: false });
  });

  it("comes as CSV whose amounts add up", async () => {
    const response = await server.request("GET", "/invoices?month=2026-11&customer=prepaid", undefined, {
      accept: "text/csv",
    });
    expect(response.headers.get("content-disposition")).toContain("invoices-2026-11.csv");
    expect((await response.text()).split("\r\n")).toEqual([
      "customer,month,status,item,model,requests,input_tokens,output_tokens,cost_usd,price_percent,usd",
      "prepaid,2026-11,draft,usage,openai/gpt-5-mini,2,20,10,3,120,3.6",
      "prepaid,2026-11,draft,credits_applied,,,,,,,-3.6",
      "prepaid,2026-11,draft,due,,,,,,,0",
      "prepaid,2026-11,draft,opening_balance,,,,,,,10",
      "prepaid,2026-11,draft,top_up,,,,,,,5",
      "prepaid,2026-11,draft,charge,,,,,,,-1.2",
      "prepaid,2026-11,draft,fee,,,,,,,-0.5",
      "prepaid,2026-11,draft,closing_balance,,,,,,,13.3",
      "",
    ]);
  });

  it("is closed an hour after the month's end, but not while a call of it is open, and then stays as it is", async () => {
    const statuses = async () => (await invoices()).map(({ customer, status }) => [customer, status]);
    server.clock.advance(december - server.clock.now() + hour - 1);
    expect(await statuses()).toEqual([
      ["later", "draft"],
      ["prepaid", "draft"],
    ]);
    server.clock.advance(1);
    expect(await statuses()).toEqual([
      ["later", "closed"],
      ["prepaid", "closed"],
    ]);
    const before = await invoices("&group_by=model,project");
    await server.request("PATCH", "/customers/prepaid/pricing", { price_percent: "500" });
    await server.request("POST", "/customers/prepaid/credits", { kind: "refund", usd: "1", reason: "late" });
    await server.store.calls.append({ opened: [], settled: [sampleSettlement({ id: "req_6", costNanos: 7n })] });
    expect((await invoices("&group_by=model,project")).filter(({ customer }) => customer !== '=cmd|"x"')).toEqual(
      before,
    );
    expect(await statuses()).toEqual([
      ['=cmd|"x"', "closed"],
      ["later", "closed"],
      ["prepaid", "closed"],
    ]);
    const csv = await (await server.request("GET", "/invoices?month=2026-11&format=csv")).text();
    expect(csv).toContain(`"'=cmd|""x""",2026-11,closed,usage,`);
  });

  it("is a draft of the running month where no month is named", async () => {
    const { data } = (await (await server.request("GET", "/invoices")).json()) as { data: Record<string, unknown>[] };
    expect(data).toMatchObject([
      { customer: "later", month: "2026-12", status: "draft", charged_usd: "9" },
      {
        customer: "prepaid",
        requests: 0,
        lines: [],
        account: { opening_usd: "13.3", refund_usd: "1", charge_usd: "-2.4" },
      },
    ]);
  });

  it.each(["month=2026-13", "month=november", "group_by=team", "limit=0", "customers=x"])(
    "refuses %s",
    async (query) => {
      expect(await errorOf(await server.request("GET", `/invoices?${query}`))).toMatchObject({
        status: 400,
        code: "invalid_request",
      });
    },
  );
});

describe("a customer with credits", () => {
  it("is not deleted while it pays in advance or has a balance: nobody would pay for its calls", async () => {
    const remove = () => server.request("DELETE", "/customers/gone");
    await server.request("POST", "/customers/gone/credits", { kind: "top_up", usd: "5", create: true });
    expect(await errorOf(await remove())).toMatchObject({
      ...{ status: 409, code: "conflict" },
      message: expect.stringContaining("pays in advance and has a balance of $5."),
    });
    await server.request("POST", "/customers/gone/credits", { kind: "adjustment", usd: "-5", reason: "paid out" });
    expect((await remove()).status, "no balance, but its calls would be let in unpaid").toBe(409);
    await server.request("PATCH", "/customers/gone/pricing", { prepaid: false });
    expect((await remove()).status).toBe(200);
    expect(await server.store.customers.get("gone")).toBeNull();
  });
});
