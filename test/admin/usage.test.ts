// Usage over the admin surface, as JSON and as CSV.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTime } from "../../src/admin/times.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "../store/samples.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

let server: AdminServer;
beforeAll(async () => {
  server = await startAdmin();
});
afterAll(() => server.close());

describe("GET /admin/v1/usage", () => {
  beforeAll(async () => {
    const day = 24 * 60 * 60 * 1000;
    const opened = [
      sampleCall({ id: "req_1", customer: '=cmd|" /C calc"!A1', openedAtMs: noon - 2 * day }),
      sampleCall({ id: "req_2", customer: "a,b", openedAtMs: noon - day, keyId: "key_2" }),
      sampleCall({ id: "req_3", customer: "a,b", openedAtMs: noon - 1 }),
      sampleCall({ id: "req_4", customer: "old", openedAtMs: noon - 31 * day }),
      sampleCall({ id: "req_open", openedAtMs: noon - 1 }),
    ];
    await server.store.calls.append({
      opened,
      settled: [
        sampleSettlement({
          id: "req_1",
          costNanos: 1_000_000_001n,
          usage: { inputTokens: 1, cachedInputTokens: 2, cacheWriteTokens: 3, outputTokens: 4, reasoningTokens: 5 },
        }),
        sampleSettlement({
          id: "req_2",
          costNanos: null,
          usage: {
            ...{ inputTokens: 1, outputTokens: 1, estimated: true },
            ...{ images: 2, audioSeconds: 1.5, characters: 3, queries: 4, webSearches: 5 },
          },
        }),
        sampleSettlement({
          id: "req_3",
          outcome: "failed",
          provider: null,
          model: null,
          canonicalModel: null,
          usage: null,
          costNanos: null,
        }),
        sampleSettlement({ id: "req_4" }),
      ],
    });
  });
  const rows = async (query: string) => {
    const response = await server.request("GET", `/usage${query}`);
    const body = (await response.json()) as { data: Record<string, unknown>[] };
    expect(body).toMatchObject({ object: "list", has_more: false, next_cursor: null });
    return body.data;
  };

  it("sums up the last thirty days in one row, with exact money as text", async () => {
    expect(await rows("")).toEqual([
      {
        requests: 3,
        failed_requests: 1,
        input_tokens: 7,
        cached_input_tokens: 2,
        cache_write_tokens: 3,
        output_tokens: 10,
        reasoning_tokens: 5,
        images: 2,
        audio_seconds: 1.5,
        characters: 3,
        queries: 4,
        web_searches: 5,
        cost_usd: "1.000000001",
        charged_usd: "1.000000001",
        unpriced_requests: 1,
        estimated_requests: 1,
      },
    ]);
  });

  it("groups by what is asked, repeated or in a list", async () => {
    const expected = [
      { customer: '=cmd|" /C calc"!A1', day: "2026-11-22", requests: 1 },
      { customer: "a,b", day: "2026-11-23", requests: 1 },
      { customer: "a,b", day: "2026-11-24", requests: 1 },
    ];
    expect(await rows("?group_by=customer&group_by=day")).toMatchObject(expected);
    expect(await rows("?group_by=customer,day")).toMatchObject(expected);
  });

  it("groups by hour, month, endpoint, and what keys are and say, null where their key is gone", async () => {
    await server.store.keys.create(sampleKey({ id: "key_2", environment: "test", metadata: { team: "pay" } }));
    expect(await rows("?group_by=hour,environment,metadata.team&customer=a,b")).toMatchObject([
      { hour: "2026-11-23T12:00Z", environment: "test", "metadata.team": "pay", requests: 1 },
      { hour: "2026-11-24T11:00Z", environment: null, "metadata.team": null, requests: 1, failed_requests: 1 },
    ]);
    expect(await rows("?group_by=month,endpoint&from=2026-10-01")).toMatchObject([
      { month: "2026-10", endpoint: "chat", requests: 1 },
      { month: "2026-11", endpoint: "chat", requests: 3 },
    ]);
  });

  it("has null for the model and provider of a call that nobody served", async () => {
    expect(await rows("?group_by=model,provider")).toMatchObject([
      { model: null, provider: null, requests: 1, cost_usd: "0" },
      { model: "openai/gpt-5-mini", provider: "openai", requests: 2 },
    ]);
  });

  it("takes times as dates, times and seconds, and filters by key, customer and project", async () => {
    const requests = async (query: string) => (await rows(query))[0]?.requests;
    expect(await requests("?from=2026-10-01")).toBe(4);
    expect(await requests("?from=2026-11-22&to=2026-11-23")).toBe(1);
    expect(await requests(`?from=2026-11-23T13:00:00%2B01:00&to=${noon / 1000}`)).toBe(2);
    expect(await requests(`?from=${noon - 1}&to=${noon}`)).toBe(1);
    expect(await requests("?key=key_2")).toBe(1);
    expect(await requests("?customer=a,b&project=shop")).toBe(2);
    expect(await requests("?project=none")).toBe(0);
  });

  it("comes as CSV when asked for, safe to open in a spreadsheet", async () => {
    const csv = [
      "customer,requests,failed_requests,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,reasoning_tokens,images,audio_seconds,characters,queries,web_searches,cost_usd,charged_usd,unpriced_requests,estimated_requests",
      `"'=cmd|"" /C calc""!A1",1,0,6,2,3,9,5,0,0,0,0,0,1.000000001,1.000000001,0,0`,
      '"a,b",2,1,1,0,0,1,0,2,1.5,3,4,5,0,0,1,1',
      "",
    ].join("\r\n");
    const byHeader = await server.request("GET", "/usage?group_by=customer", undefined, { accept: "text/csv" });
    expect(byHeader.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(await byHeader.text()).toBe(csv);
    const byQuery = await server.request("GET", "/usage?group_by=customer&format=csv");
    expect(await byQuery.text()).toBe(csv);
    const json = await server.request("GET", "/usage?format=json", undefined, { accept: "text/csv" });
    expect(json.headers.get("content-type")).toContain("application/json");
  });

  it.each([
    "group_by=team",
    "group_by=",
    "group_by=metadata.",
    "group_by=metadata.a'b",
    "from=yesterday",
    "to=2026-02-30",
    "format=xml",
    "group=day",
    "from=a&from=b",
  ])("refuses %s", async (query) => {
    expect(await errorOf(await server.request("GET", `/usage?${query}`))).toMatchObject({
      status: 400,
      code: "invalid_request",
      param: expect.stringContaining(query.split("=")[0] ?? ""),
    });
  });
});

it("a name of no group is refused with those that there are", async () => {
  for (const path of ["/usage", "/invoices"])
    expect(await errorOf(await server.request("GET", `${path}?group_by=model,team`))).toMatchObject({
      message:
        "`group_by.1`: expected key, customer, project, model, provider, endpoint, environment, hour, day, month, or metadata.<name>.",
    });
  expect(await errorOf(await server.request("GET", "/refusals?group_by=team"))).toMatchObject({
    message: expect.stringContaining('"key"|"customer"|"project"|"code"|"hour"|"day"'),
  });
});

describe("a span of time", () => {
  it.each(["/usage", "/refusals", "/ledger", "/audit", "/prompt-logs"])(
    "that ends before it begins is refused, and not empty: GET %s",
    async (path) => {
      const query = `${path}?from=2026-11-24&to=2026-11-23`;
      expect(await errorOf(await server.request("GET", query))).toMatchObject({
        status: 400,
        param: "from",
        message: "`from` (2026-11-24T00:00:00.000Z) is after `to` (2026-11-23T00:00:00.000Z).",
      });
      expect((await server.request("GET", `${path}?from=2026-11-24&to=2026-11-24`)).status).toBe(200);
    },
  );
});

describe("a time in a query", () => {
  it.each([
    ["2026-11-24", "2026-11-24T00:00:00.000Z"],
    ["2026-11-24T12:30", "2026-11-24T12:30:00.000Z"],
    ["2026-11-24 12:30:15.5Z", "2026-11-24T12:30:15.500Z"],
    ["2026-11-24T12:30:00-05:00", "2026-11-24T17:30:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["0", "1970-01-01T00:00:00.000Z"],
    ["1763985600", "2025-11-24T12:00:00.000Z"],
    ["1763985600000", "2025-11-24T12:00:00.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(new Date(readTime(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    "",
    "now",
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "24.11.2026",
    "2026-11-24T25:00",
    "-5",
    "1e3",
    "999999999999999",
  ])("%s is none", (text) => {
    expect(readTime(text)).toBeNull();
  });
});
