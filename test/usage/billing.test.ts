// What recorded answers cost, where the token counters alone don't say: by the provider's own bill where one was recorded.
import { describe, expect, test } from "vitest";
import { createCatalog } from "../../providers/catalog/catalog.ts";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { toolPricesOf } from "../../providers/catalog/tools.ts";
import { anthropicMessages } from "../../providers/dialects/anthropic-messages/index.ts";
import { cohereChat } from "../../providers/dialects/cohere/index.ts";
import type { ClientDialect } from "../../providers/dialects/dialect.ts";
import { gemini } from "../../providers/dialects/gemini/index.ts";
import { openaiChat } from "../../providers/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../providers/dialects/openai-responses/index.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { SseFramer } from "../../src/gateway/sse.ts";
import { costOf, type PriceTerms } from "../../src/usage/price.ts";
import { type Recording, recording, recordings } from "../support/recordings.ts";

const chatDialect = openaiChat();
const responsesDialect = openaiResponses();
const catalog = createCatalog(catalogRows());

interface Bill {
  readonly provider: string;
  readonly model: string;
  readonly asked?: PriceTerms;
}

/** Nanodollars. */
function bill(usage: Usage | null, { provider, model, asked }: Bill): bigint | null {
  const facts = catalog.get(`${provider}/${model}`);
  if (usage === null || facts === null) throw new Error(`nothing to bill at ${provider}/${model}`);
  const factsOf = (name: string) => catalog.get(`${provider}/${name}`);
  return costOf(usage, facts, asked, { tools: toolPricesOf(provider), factsOf });
}

/** The usage that an answer reports: its stream is watched and decoded, and both must agree. */
function usageOf(dialect: ClientDialect, { stream, response }: Recording): Usage | null {
  if (!stream) return dialect.usage(JSON.parse(response));
  const framer = new SseFramer();
  const [decoder, watcher] = [dialect.stream(), dialect.watch()];
  for (const frame of [...framer.push(new TextEncoder().encode(response)), ...framer.end()]) {
    if (frame.kind !== "event") continue;
    decoder.push(frame);
    watcher.glance(frame);
  }
  expect(watcher.usage).toEqual(decoder.usage);
  return decoder.usage;
}

function changed(one: Recording, from: RegExp, to: string): Recording {
  const response = one.response.replace(from, to);
  expect(response).not.toBe(one.response);
  return { ...one, response };
}

describe("searches of the web", () => {
  test.each([
    "chat-web-search-with-xai-grok-4-3-replays-search-turns-so-the-conversation-can-conti-1",
    "chat-web-search-with-xai-grok-4-3-searches-cites-and-counts-the-sources-it-used",
  ])("cost what xAI charged for them: %s", (name) => {
    const one = recording("xai", name);
    const usage = usageOf(responsesDialect, one);
    expect(usage?.webSearches).toBe(2);
    const [, ticks] = /"cost_in_usd_ticks":(\d+)/.exec(one.response) ?? [];
    expect(bill(usage, { provider: "xai", model: "grok-4.3" })).toBe(BigInt(ticks ?? 0) / 10n);
  });

  test.each([
    ["test_anthropic-test_anthropic_web_search_tool.0", 1],
    ["test_anthropic-test_anthropic_model_web_search_tool_stream.0", 2],
    ["anthropic-anthropic-web-search-tool.1", 2],
    ["test_anthropic-test_anthropic_web_fetch_tool.0", 0],
  ])("cost a cent each at Anthropic: %s", (name, searches) => {
    const usage = usageOf(anthropicMessages, recording("anthropic", name));
    expect(usage?.webSearches).toBe(searches);
    const at = { provider: "anthropic", model: "claude-sonnet-4-0" };
    const { webSearches: _searches, ...tokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
    expect(bill(usage, at)).toBe((bill(tokens, at) ?? 0n) + BigInt(searches) * 10_000_000n);
  });

  test.each([
    // Three items, of which two open and look into what one found.
    ["openai-openai-web-search-tool.1", "gpt-5-mini", 1],
    ["chat-web-search-with-openai-gpt-5-2-searches-and-records-the-tool-call-items-1", "gpt-5.2", 1],
    ["test_openai_responses-test_openai_responses_model_web_search_tool_without_external_access.0", "gpt-5.6", 1],
  ])("cost a cent each at OpenAI: %s", (name, model, searches) => {
    const usage = usageOf(responsesDialect, recording("openai", name));
    expect(usage?.webSearches).toBe(searches);
    const { webSearches: _searches, ...tokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
    const at = { provider: "openai", model };
    expect(bill(usage, at)).toBe((bill(tokens, at) ?? 0n) + BigInt(searches) * 10_000_000n);
  });

  test("are counted alike in every recorded response, by the provider and by the items of its output", () => {
    let told = 0;
    for (const one of recordings("openai", { dialect: "openai-responses", stream: false, failed: false })) {
      const body = JSON.parse(one.response) as { output?: unknown; tool_usage?: { web_search?: unknown } };
      if (body.tool_usage?.web_search === undefined || responsesDialect.usage({ ...body }) === null) continue;
      const { tool_usage: _told, ...rest } = body;
      expect(responsesDialect.usage(rest)?.webSearches ?? 0).toBe(responsesDialect.usage({ ...body })?.webSearches);
      told += 1;
    }
    expect(told).toBeGreaterThan(10);
  });

  test.each([
    ["openrouter", chatDialect, "test_openrouter-test_openrouter_web_search_tool_usage_stream.0", 1],
    [
      "deepseek",
      responsesDialect,
      "chat-web-search-with-deepseek-deepseek-v4-flash-searches-server-side-and-records-the",
      1,
    ],
  ])("cost an unknown amount where their price is unknown: %s", (provider, dialect, name, searches) => {
    const one = recording(provider, name);
    const usage = usageOf(dialect, one);
    expect(usage?.webSearches).toBe(searches);
    expect(bill(usage, { provider, model: one.model ?? "" })).toBeNull();
  });
});

describe("Cohere", () => {
  const billed = recordings("cohere", { dialect: "cohere", failed: false }).filter(({ response }) =>
    /"tokens": ?\{/.test(response),
  );

  test.each(billed.map((one) => [one.name, one] as const))(
    "is paid for what it bills, and %s keeps its tokens",
    (_name, one) => {
      const usage = usageOf(cohereChat, one);
      const [, input, output] =
        /"billed_units": ?\{"input_tokens": ?(\d+), ?"output_tokens": ?(\d+)/.exec(one.response) ?? [];
      const [, read = "", written] =
        /"tokens": ?\{"input_tokens": ?(\d+), ?"output_tokens": ?(\d+)/.exec(one.response) ?? [];
      const [, image = "0"] = /"image_tokens": ?(\d+)/.exec(one.response) ?? [];
      expect((usage?.inputTokens ?? 0) + (usage?.cachedInputTokens ?? 0)).toBe(Number(read) + Number(image));
      expect((usage?.outputTokens ?? 0) + (usage?.reasoningTokens ?? 0)).toBe(Number(written));
      // Command A: 2.5 in, 10 out, USD per million tokens.
      expect(bill(usage, { provider: "cohere", model: "command-a-03-2025" })).toBe(
        BigInt(Number(input)) * 2_500n + BigInt(Number(output)) * 10_000n,
      );
    },
  );

  test("has recordings of it", () => {
    expect(billed.length).toBeGreaterThan(15);
  });
});

describe("an advisor", () => {
  // USD per million tokens: Sonnet 5's and 4.6's from the catalogue, Opus 4.7 and 4.8 5 and 25, Fable 5 10 and 50.
  test.each([
    ["test_anthropic-test_anthropic_advisor_tool.0", "claude-sonnet-5", 2518n * 5_000n + 22n * 25_000n],
    ["test_anthropic-test_anthropic_advisor_tool_redacted.0", "claude-sonnet-5", 2564n * 10_000n + 99n * 50_000n],
    ["anthropic-anthropic-advisor-20260301.1", "claude-sonnet-4-6", 2728n * 5_000n + 874n * 25_000n],
    ["anthropic-anthropic-advisor-20250301.1.chunks", "claude-sonnet-4-6", 2728n * 5_000n + 3880n * 25_000n],
  ])("is paid at its own model's price: %s", (name, model, advice) => {
    const usage = usageOf(anthropicMessages, recording("anthropic", name));
    const { billing: _billing, ...own } = usage ?? { inputTokens: 0, outputTokens: 0 };
    const at = { provider: "anthropic", model };
    expect(bill(usage, at)).toBe((bill(own, at) ?? 0n) + advice);
  });

  test("whose model or price is unknown makes the cost unknown", () => {
    const one = recording("anthropic", "test_anthropic-test_anthropic_advisor_tool.0");
    for (const [from, to] of [
      [/"model": "claude-opus-4-8", "output_tokens"/, '"model": "claude-next", "output_tokens"'],
      [/"model": "claude-opus-4-8", "output_tokens"/, '"output_tokens"'],
    ] as const) {
      const usage = usageOf(anthropicMessages, changed(one, from, to));
      expect(bill(usage, { provider: "anthropic", model: "claude-sonnet-5" })).toBeNull();
    }
  });
});

describe("a way of serving with a price of its own", () => {
  const chat = recordings("openai", { dialect: "openai-chat", failed: false }).find(
    ({ stream, response }) => !stream && /"service_tier": "default"/.test(response),
  );
  const response = recordings("openai", { dialect: "openai-responses", failed: false }).find(
    ({ stream, response: text }) => stream && /"service_tier":"default"/.test(text),
  );
  const model = "gpt-5-mini-2025-08-07";
  const at = (asked: PriceTerms): Bill => ({ provider: "openai", model, asked });
  /** What the same tokens cost without a word about the way. */
  const plain = (usage: Usage | null): Usage => {
    const { billing: _billing, ...tokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
    return tokens;
  };

  test.each([
    ["chat", chatDialect, chat, /"service_tier": "default"/],
    ["a stream of responses", responsesDialect, response, /"service_tier":"default"/g],
  ])("is the one that the provider says that it was: %s", (_name, dialect, one, served) => {
    if (one === undefined) throw new Error("no such recording");
    const usage = usageOf(dialect, one);
    const base = bill(plain(usage), at({}));
    expect(bill(usage, at({ serviceTier: "priority" }))).toBe(base);
    const flex = usageOf(dialect, changed(one, served, '"service_tier": "flex"'));
    // Flex is half the price.
    expect(bill(flex, at({ serviceTier: "priority" }))).toBe(((base ?? 0n) + 1n) / 2n);
    expect(bill(flex, at({}))).toBe(((base ?? 0n) + 1n) / 2n);
  });

  test.each(["", "auto"])("is the one that was asked for where the provider says %j", (word) => {
    if (chat === undefined) throw new Error("no such recording");
    const usage = usageOf(chatDialect, changed(chat, /"service_tier": "default"/, `"service_tier": "${word}"`));
    const base = bill(usage, at({})) ?? 0n;
    expect(bill(usage, at({ serviceTier: "flex" }))).toBe((base + 1n) / 2n);
    expect(bill(usage, at({ serviceTier: "auto" }))).toBe(base);
  });

  test("is Gemini's by its usage", () => {
    const one = recordings("google", { stream: false }).find(({ response: text }) =>
      text.includes('"serviceTier": "standard"'),
    );
    if (one === undefined) throw new Error("no such recording");
    const usage = usageOf(gemini, changed(one, /"serviceTier": "standard"/, '"serviceTier": "priority"'));
    const served = { provider: "google", model: "gemini-3.6-flash" };
    expect(bill(usage, served)).toBeGreaterThan(bill(plain(usage), served) ?? 0n);
    expect(bill(usageOf(gemini, one), { ...served, asked: { serviceTier: "priority" } })).toBe(
      bill(plain(usage), served),
    );
  });

  test("is Anthropic's fast mode by the speed that it reports, else by the one that was asked", () => {
    const one = recording("anthropic", "anthropic-anthropic-web-search-tool.1");
    const fast = { provider: "anthropic", model: "claude-opus-4-7", asked: { speed: "fast" } };
    const slow = { provider: "anthropic", model: "claude-opus-4-7" };
    const said = (speed: string) =>
      plainSearch(usageOf(anthropicMessages, changed(one, /"service_tier": ?"standard"/, `$&, "speed": "${speed}"`)));
    const unsaid = plainSearch(usageOf(anthropicMessages, one));
    // 30 and 150 instead of 5 and 25.
    expect(bill(said("fast"), slow)).toBe((bill(unsaid, slow) ?? 0n) * 6n);
    expect(bill(said("standard"), fast)).toBe(bill(unsaid, slow));
    expect(bill(unsaid, fast)).toBe((bill(unsaid, slow) ?? 0n) * 6n);
  });

  function plainSearch(usage: Usage | null): Usage {
    const { webSearches: _searches, ...rest } = usage ?? { inputTokens: 0, outputTokens: 0 };
    return rest;
  }
});
