import { describe, expect, test } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { checkCall, checkCaller, deploymentRefused, outputLimit } from "../../src/limits/check.ts";
import type { Scope } from "../../src/limits/policy.ts";
import { compilePolicy, parseTime, parseUsd } from "../../src/limits/policy-json.ts";
import type { PolicyJson } from "../../src/store/policy.ts";

const scopes = (...policies: PolicyJson[]): Scope[] =>
  policies.map((json, at) => ({ id: `scope:${at}`, policy: compilePolicy(json) }));
const caller = {
  address: "203.0.113.7" as string | null,
  origin: null as string | null,
  referer: null as string | null,
  nowMs: Date.parse("2026-11-24T12:00:00Z"),
};
const call = { operation: "chat", inputTokens: 500, maxOutputTokens: 100, metadata: { team: "red" } };
const names = { requested: "smart", canonical: "openai/gpt-5", provider: "azure", model: "gpt-5" };

function code(what: () => unknown): string | null {
  try {
    what();
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

describe("who calls", () => {
  const cases: readonly [PolicyJson, Partial<typeof caller>, string | null][] = [
    [{}, { address: null }, null],
    [{ ip_allow: ["203.0.113.0/24"] }, {}, null],
    [{ ip_allow: ["198.51.100.0/24"] }, {}, "ip_not_allowed"],
    [{ ip_deny: ["203.0.113.7"] }, {}, "ip_not_allowed"],
    [{ ip_allow: ["0.0.0.0/0"] }, { address: null }, "ip_not_allowed"],
    [{ origins: ["https://shop.example"] }, { origin: "https://shop.example" }, null],
    [{ origins: ["https://shop.example"] }, { referer: "https://shop.example/cart?x=1" }, null],
    [{ origins: ["https://shop.example"] }, { origin: "https://shop.example.evil.test" }, "origin_not_allowed"],
    [{ origins: ["https://shop.example"] }, { origin: "http://shop.example" }, "origin_not_allowed"],
    [{ origins: ["https://shop.example"] }, { origin: "null" }, "origin_not_allowed"],
    [{ origins: ["https://*.shop.example"] }, { origin: "https://eu.shop.example" }, null],
    [{ origins: ["https://shop.example"] }, {}, "origin_not_allowed"],
    [{ hours: { time_zone: "UTC", from: "08:00", to: "18:00" } }, {}, null],
    [{ hours: { time_zone: "Asia/Tokyo", from: "08:00", to: "18:00" } }, {}, "outside_hours"],
    [{ hours: { time_zone: "UTC", days: ["sat"], from: "00:00", to: "24:00" } }, {}, "outside_hours"],
  ];
  test.each(cases)("%j for %j: %s", (policy, facts, expected) => {
    expect(code(() => checkCaller(scopes(policy), { ...caller, ...facts }))).toBe(expected);
  });
});

describe("what is called", () => {
  const cases: readonly [PolicyJson, string | null][] = [
    [{ endpoints: ["chat", "embeddings"] }, null],
    [{ endpoints: ["embeddings"] }, "endpoint_not_allowed"],
    [{ endpoints_deny: ["chat"] }, "endpoint_not_allowed"],
    [{ required_metadata: ["team"] }, null],
    [{ required_metadata: ["toString"] }, "missing_metadata"],
    [{ max_input_tokens: 500 }, null],
    [{ max_input_tokens: 499 }, "too_many_tokens"],
    [{ max_output_tokens: 100 }, null],
    [{ max_output_tokens: 99 }, "too_many_tokens"],
  ];
  test.each(cases)("%j: %s", (policy, expected) => {
    expect(code(() => checkCall(scopes(policy), call))).toBe(expected);
  });

  test("no level can widen what another one narrows", () => {
    const narrow = { endpoints: ["embeddings"] };
    expect(code(() => checkCall(scopes(narrow, {}), call))).toBe("endpoint_not_allowed");
    expect(code(() => checkCall(scopes({ endpoints: ["*"] }, narrow), call))).toBe("endpoint_not_allowed");
    expect(outputLimit(scopes({ max_output_tokens: 900 }, {}, { max_output_tokens: 400 }))).toBe(400);
    expect(outputLimit(scopes({}))).toBeNull();
  });
});

describe("where it may go", () => {
  const cases: readonly [PolicyJson, "model" | "provider" | null][] = [
    [{}, null],
    [{ models: ["openai/*"] }, null],
    [{ models: ["smart"] }, null],
    [{ models: ["azure/gpt-5"] }, null],
    [{ models: ["anthropic/*"] }, "model"],
    [{ models: [] }, "model"],
    [{ models: ["OPENAI/GPT-5"] }, null],
    [{ models: ["*"], models_deny: ["openai/gpt-5*"] }, "model"],
    [{ models_deny: ["AZURE/*"] }, "model"],
    [{ providers: ["azure"] }, null],
    [{ providers: ["openai"] }, "provider"],
    [{ providers_deny: ["azure"] }, "provider"],
  ];
  test.each(cases)("%j: %s", (policy, expected) => {
    expect(deploymentRefused(scopes(policy), names)).toBe(expected);
  });
});

describe("what is written", () => {
  test.each([
    ["25.00", 25_000_000_000n],
    ["0.000000001", 1n],
    ["0", 0n],
    ["1000000", 1_000_000_000_000_000n],
    ["0.0000000001", null],
    ["-1", null],
    ["1e3", null],
    ["", null],
    [".5", null],
    ["1,000", null],
  ])("%j USD is %s nanodollars", (text, expected) => {
    expect(parseUsd(text)).toBe(expected);
  });

  test.each([
    ["00:00", 0],
    ["08:30", 510],
    ["24:00", 1_440],
    ["24:01", null],
    ["8:30", null],
    ["12:60", null],
    ["", null],
  ])("%j is minute %s", (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  test("one limit may name requests and tokens, and a budget stand alone or in a list", () => {
    const { limits, budgets } = compilePolicy({
      limits: [{ requests: 60, tokens: 1_000, per: "minute" }],
      budget: { usd: "25.00", per: "month" },
    });
    expect(limits).toEqual([
      { unit: "requests", amount: 60, per: "minute", models: null },
      { unit: "tokens", amount: 1_000, per: "minute", models: null },
    ]);
    expect(budgets).toEqual([{ nanos: 25_000_000_000n, per: "month", alertAt: [50, 80, 100], hard: true }]);
    expect(compilePolicy({ budget: [{ usd: "1" }, { usd: "2", per: "day", hard: false }] }).budgets).toHaveLength(2);
  });
});
