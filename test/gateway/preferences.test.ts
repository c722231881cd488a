// Preferences: everything that a caller may say of where its call goes is read, and everything else is refused by name.
import { describe, expect, test } from "vitest";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { GatewayError } from "../../src/errors.ts";
import { readCall } from "../../src/gateway/call.ts";
import { readPreferences } from "../../src/gateway/preferences.ts";
import { noPreferences } from "../../src/router/ask.ts";

function refusal(value: unknown): GatewayError {
  try {
    readPreferences(value);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(value)} was accepted`);
}

describe("preferences", () => {
  test.each([undefined, null, {}, { order: null, sort: null, max_price: null, unheard_of: null }])(
    "that say nothing are none: %j",
    (value) => {
      expect(readPreferences(value)).toEqual(noPreferences);
    },
  );

  test("are read whole", () => {
    const value = {
      order: ["Groq", "together"],
      only: ["groq", "Together"],
      ignore: ["DeepInfra"],
      allow_fallbacks: false,
      require_parameters: true,
      sort: "latency",
      max_price: { prompt: 1, completion: "2.50", request: 0, image: ".01" },
      data_collection: "deny",
      zdr: true,
      quantizations: ["FP8", "unknown"],
      preferred_min_throughput: 50,
      preferred_max_latency: 1.5,
      hedge: false,
    };
    expect(readPreferences(value)).toEqual({
      order: ["groq", "together"],
      only: ["groq", "together"],
      ignore: ["deepinfra"],
      allowFallbacks: false,
      requireParameters: true,
      sort: "latency",
      maxPrice: { prompt: 1, completion: 2.5, request: 0, image: 0.01 },
      denyDataCollection: true,
      zeroDataRetention: true,
      quantizations: ["fp8", "unknown"],
      minThroughput: 50,
      maxLatencyS: 1.5,
      hedge: false,
    });
  });

  test.each([
    ["price", "price"],
    ["throughput", "throughput"],
    ["latency", "latency"],
    ["balanced", "balanced"],
    [{ by: "price", partition: "model" }, "price"],
    [{ by: "latency", partition: "none" }, "latency"],
    [{ by: "throughput" }, "throughput"],
    [{ by: null, partition: null }, null],
    [
      { price: 2, time: 1 },
      { price: 2, latency: 0, throughput: 0, time: 1 },
    ],
    [{ latency: 0.5 }, { price: 0, latency: 0.5, throughput: 0, time: 0 }],
  ])("sort by %j as %j", (sort, read) => {
    expect(readPreferences({ sort }).sort).toEqual(read);
  });

  test.each([
    [{ p50: 40, p90: 20 }, 40],
    [{ p90: 20, p99: 10 }, 20],
    [{ p50: null, p75: 30 }, 30],
    [{}, null],
    [0, 0],
  ])("bounds of %j are %j", (bound, read) => {
    const { minThroughput, maxLatencyS } = readPreferences({
      preferred_min_throughput: bound,
      preferred_max_latency: bound,
    });
    expect([minThroughput, maxLatencyS]).toEqual([read, read]);
  });

  test("that allow everything restrict nothing", () => {
    const value = {
      data_collection: "allow",
      zdr: false,
      require_parameters: false,
      allow_fallbacks: true,
      max_price: {},
    };
    expect(readPreferences(value)).toEqual(noPreferences);
  });
});

describe("a preference is refused by name", () => {
  test.each<[string, unknown]>([
    ["provider", "groq"],
    ["provider", ["groq"]],
    ["provider.order", "groq"],
    ["provider.only", [1]],
    ["provider.ignore", {}],
    ["provider.allow_fallbacks", "yes"],
    ["provider.require_parameters", 1],
    ["provider.sort", "cheapest"],
    ["provider.sort", 1],
    ["provider.sort", []],
    ["provider.sort", {}],
    ["provider.sort", { price: 0 }],
    ["provider.sort.time", { price: 1, time: -1 }],
    ["provider.sort.latency", { latency: "1" }],
    ["provider.sort.by", { by: "exacto" }],
    ["provider.sort.partition", { by: "price", partition: "all" }],
    ["provider.max_price", 1],
    ["provider.max_price.prompt", { prompt: "cheap" }],
    ["provider.max_price.prompt", { prompt: "0x10" }],
    ["provider.max_price.completion", { completion: -1 }],
    ["provider.max_price.image", { image: "" }],
    ["provider.data_collection", "never"],
    ["provider.data_collection", true],
    ["provider.zdr", "true"],
    ["provider.quantizations", "fp8"],
    ["provider.preferred_min_throughput", "50"],
    ["provider.preferred_min_throughput", []],
    ["provider.preferred_max_latency.p90", { p90: "2" }],
    ["provider.hedge", "on"],
  ])("%s, when it is %j", (param, value) => {
    const [, member = ""] = param.split(".");
    const { code, param: named, message } = refusal(member === "" ? value : { [member]: value });
    expect([code, named]).toEqual(["invalid_request", param]);
    expect(message).toContain(`\`${param}\``);
  });

  test.each<[string, unknown]>([
    ["provider.enforce_distillable_text", { enforce_distillable_text: true }],
    ["provider.Only", { Only: ["groq"] }],
    ["provider.max_price.audio", { max_price: { audio: 1 } }],
    ["provider.sort.cost", { sort: { cost: 1 } }],
    ["provider.sort.price", { sort: { by: "price", price: 1 } }],
    ["provider.preferred_max_latency.p95", { preferred_max_latency: { p95: 1 } }],
  ])("%s, which nobody would heed", (param, value) => {
    const { code, param: named, message } = refusal(value);
    expect([code, named]).toEqual(["unsupported_parameter", param]);
    expect(message).toMatch(/there are/);
  });
});

describe("require_parameters", () => {
  const read = (body: object) =>
    readCall({
      id: "req_1",
      dialect: openaiChatServer,
      rawBody: JSON.stringify({ model: "m", messages: [], ...body }),
      header: () => null,
      openedAtMs: 0,
      startedAt: 0,
    });

  test("lets nothing be left out, whatever drop_params says", () => {
    const { dropParams, body } = read({ drop_params: true, provider: { require_parameters: true } });
    expect([dropParams, body.drop_params]).toEqual([false, false]);
  });

  test("that is not asked for leaves drop_params as it is", () => {
    const { dropParams, body } = read({ drop_params: true, provider: { require_parameters: false } });
    expect([dropParams, body.drop_params]).toEqual([true, true]);
  });
});
