// How much a model is asked to think, by generation and catalogue, and what thinking does to the rest of a request.
import { describe, expect, it } from "vitest";
import { catalogRows } from "../../../../../providers/catalog/rows.ts";
import { traits as traitsOf } from "../../../../../providers/catalog/traits.ts";
import { encodeRequest } from "../../../../../providers/dialects/anthropic-messages/client/request.ts";
import type { AssistantPart, Conversation, ReasoningRequest } from "../../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../../providers/dialects/dialect.ts";
import {
  assistant,
  call,
  conversation,
  result,
  target,
  tool,
  user,
} from "../../../../support/neutral/conversations.ts";

const rows = catalogRows().filter(({ provider }) => provider === "anthropic");
function catalogued(model: string): ModelTraits {
  const facts = rows.find(({ providerModelId }) => providerModelId === model);
  if (facts === undefined) throw new Error(`no ${model} in the catalogue`);
  return traitsOf(facts);
}

const ask = (over: Partial<ReasoningRequest>): ReasoningRequest => ({
  effort: null,
  budgetTokens: null,
  includeText: null,
  ...over,
});

function send(model: string, over: Partial<Conversation>, traits: ModelTraits = {}) {
  const { body, unsupported } = encodeRequest(conversation(over), target(model, traits));
  return { body, lost: unsupported.map(({ member }) => member), unsupported };
}

const adaptive = (effort: string) => ({ thinking: { type: "adaptive" }, output_config: { effort } });
const budget = (tokens: number) => ({ thinking: { type: "enabled", budget_tokens: tokens } });

describe("an effort", () => {
  it.each<[string, ReasoningRequest["effort"], object]>([
    ["claude-fable-5", "high", adaptive("high")],
    ["claude-opus-4-8", "xhigh", adaptive("xhigh")],
    ["claude-opus-4-8", "max", adaptive("max")],
    ["claude-sonnet-5", "minimal", adaptive("low")],
    ["claude-opus-4-6", "medium", adaptive("medium")],
    ["claude-opus-4-6", "max", adaptive("max")],
    // Opus 4.6 answers xhigh with 400 (recording …explicit_effort_xhigh_unsupported_model_errors.0).
    ["claude-opus-4-6", "xhigh", adaptive("high")],
    ["claude-opus-4-5", "high", { ...budget(16384), output_config: { effort: "high" } }],
    ["claude-opus-4-5", "max", { output_config: { effort: "high" } }],
    ["claude-sonnet-4-5", "low", budget(2048)],
    ["claude-haiku-4-5", "minimal", budget(1024)],
    ["claude-3-7-sonnet-20250219", "medium", budget(8192)],
    // Rows without reasoning options: the name decides.
    ["claude-opus-5", "high", adaptive("high")],
    ["claude-opus-4-6-20260205", "xhigh", adaptive("high")],
    ["claude-4-opus-20250514", "low", budget(2048)],
  ])("of %s at %s becomes %j", (model, effort, expected) => {
    const { body, lost } = send(model, { reasoning: ask({ effort }) }, catalogued(model));
    expect(body).toMatchObject(expected);
    if (!("output_config" in expected)) expect(body.output_config).toBeUndefined();
    expect(lost).toEqual([]);
  });

  it("is refused by models that do not think", () => {
    const model = "claude-3-haiku-20240307";
    const { body, unsupported } = send(model, { reasoning: ask({ effort: "low" }) }, catalogued(model));
    expect(body).not.toHaveProperty("thinking");
    expect(unsupported).toMatchObject([{ member: "reasoning", droppable: true }]);
  });

  it("of a model that is not Claude's becomes a budget", () => {
    expect(send("some-other-model", { reasoning: ask({ effort: "low" }) }).body).toMatchObject(budget(2048));
  });

  it("wins over a budget where both are given and the model knows both", () => {
    const { body } = send(
      "claude-opus-4-6",
      { reasoning: ask({ effort: "low", budgetTokens: 9000 }) },
      catalogued("claude-opus-4-6"),
    );
    expect(body).toMatchObject(adaptive("low"));
  });
});

describe("a budget", () => {
  it.each([
    ["claude-sonnet-4-5", 5000, budget(5000)],
    ["claude-sonnet-4-5", 10, budget(1024)],
    ["claude-opus-4-6", 5000, budget(5000)],
    ["claude-opus-4-8", 2000, adaptive("low")],
    ["claude-opus-4-8", 10_000, adaptive("high")],
    ["claude-opus-4-8", 100_000, adaptive("max")],
    ["claude-opus-4-8", -1, { thinking: { type: "adaptive" } }],
    ["claude-sonnet-4-5", -1, budget(8192)],
    ["claude-sonnet-4-5", 0, { thinking: { type: "disabled" } }],
  ])("for %s of %i tokens becomes %j", (model, budgetTokens, expected) => {
    const { body } = send(
      model,
      { reasoning: ask(budgetTokens < 0 ? { budgetTokens, effort: null } : { budgetTokens }) },
      catalogued(model),
    );
    expect(body).toMatchObject(expected);
  });

  it("counts inside the caller's limit, which is never raised", () => {
    const traits = { maxOutputTokens: 64_000 };
    const named = { reasoning: ask({ budgetTokens: 5000 }), maxOutputTokens: 5300 };
    expect(send("claude-sonnet-4-5", named, traits).body).toMatchObject({ max_tokens: 5300, ...budget(5000) });
    expect(send("claude-sonnet-4-5", { ...named, maxOutputTokens: 5000 }, traits).body).toMatchObject({
      max_tokens: 5000,
      ...budget(4000),
    });
    const effort = { reasoning: ask({ effort: "high" }), maxOutputTokens: 2000 };
    expect(send("claude-sonnet-4-5", effort).body).toMatchObject({ max_tokens: 2000, ...budget(1600) });
    expect(send("claude-sonnet-4-5", { ...effort, maxOutputTokens: 1100 }).body).toMatchObject({
      max_tokens: 1100,
      ...budget(1024),
    });
  });

  it("comes on top where nobody set a limit", () => {
    const over = { reasoning: ask({ budgetTokens: 5000 }) };
    expect(send("claude-sonnet-4-5", over).body).toMatchObject({ max_tokens: 9096, ...budget(5000) });
  });

  it("is cut where the model's limit leaves no room for an answer beside it", () => {
    const over = { reasoning: ask({ budgetTokens: 50_000 }) };
    expect(send("claude-sonnet-4-5", over, { maxOutputTokens: 10_000 }).body).toMatchObject({
      max_tokens: 10_000,
      ...budget(8000),
    });
  });

  it("that does not fit at all is left out, and said so", () => {
    for (const reasoning of [ask({ effort: "low" }), ask({ budgetTokens: 500 }), ask({ budgetTokens: 9000 })]) {
      const { body, unsupported } = send("claude-sonnet-4-5", { reasoning, maxOutputTokens: 1024 });
      expect(body).toMatchObject({ max_tokens: 1024 });
      expect(body).not.toHaveProperty("thinking");
      expect(unsupported).toEqual([
        expect.objectContaining({ member: "reasoning", droppable: true, reason: expect.stringContaining("1024") }),
      ]);
    }
  });
});

describe("no reasoning", () => {
  it.each<[string, object | undefined]>([
    ["claude-sonnet-5", { type: "disabled" }],
    ["claude-opus-5", { type: "disabled" }],
    ["claude-sonnet-4-5", { type: "disabled" }],
    ["claude-sonnet-5-5", { type: "between_tools" }],
    ["claude-opus-4-8", undefined],
    ["claude-3-haiku-20240307", undefined],
    ["some-other-model", { type: "disabled" }],
  ])("is said to %s as %j", (model, thinking) => {
    const { body, lost } = send(model, { reasoning: ask({ effort: "none" }) });
    expect(body.thinking).toEqual(thinking);
    expect(body.output_config).toBeUndefined();
    expect(lost).toEqual([]);
  });

  it.each(["claude-fable-5", "claude-opus-5-5"])(
    "can't be had of %s, which says so and gets its lowest effort",
    (model) => {
      const { body, unsupported } = send(model, { reasoning: ask({ effort: "none" }) });
      expect(body).not.toHaveProperty("thinking");
      expect(body.output_config).toEqual({ effort: "low" });
      expect(unsupported).toMatchObject([{ member: "reasoning", droppable: true }]);
    },
  );

  it("is not the same as no wish", () => {
    for (const reasoning of [null, ask({}), ask({ includeText: true })]) {
      const { body, lost } = send("claude-sonnet-5", { reasoning });
      expect(body).not.toHaveProperty("thinking");
      expect(lost).toEqual([]);
    }
  });
});

describe("the text of reasoning", () => {
  it.each([
    ["claude-opus-4-8", true, { type: "adaptive", display: "summarized" }],
    ["claude-opus-4-8", false, { type: "adaptive", display: "omitted" }],
    ["claude-opus-4-8", null, { type: "adaptive" }],
    ["claude-sonnet-4-5", true, { type: "enabled", budget_tokens: 2048 }],
    ["claude-sonnet-4-5", false, { type: "enabled", budget_tokens: 2048, display: "omitted" }],
  ])("of %s, wanted: %s", (model, includeText, thinking) => {
    expect(send(model, { reasoning: ask({ effort: "low", includeText }) }).body.thinking).toEqual(thinking);
  });
});

describe("Anthropic's own `thinking` in another dialect's body", () => {
  it.each([
    ["claude-sonnet-4-5", { type: "enabled", budget_tokens: 4000 }, budget(4000)],
    ["claude-sonnet-5", { type: "disabled" }, { thinking: { type: "disabled" } }],
    ["claude-opus-4-8", { type: "adaptive" }, adaptive("high")],
    ["claude-opus-4-8", { type: "enabled", budget_tokens: 4000 }, adaptive("medium")],
  ])("is understood: %s with %j", (model, thinking, expected) => {
    const { body, lost } = send(model, { extras: { thinking } });
    expect(body).toMatchObject(expected);
    expect(lost).toEqual([]);
  });

  it("of another form is refused as any unknown member is", () => {
    expect(send("claude-sonnet-4-5", { extras: { thinking: "hard" } }).lost).toEqual(["thinking"]);
  });
});

describe("thinking and tools", () => {
  const tools = [tool("look")];
  const reasoning = ask({ effort: "low" });
  const signed: AssistantPart = { type: "reasoning", text: "t", signature: { vendor: "anthropic", value: "s" } };
  const foreign: AssistantPart = { type: "reasoning", text: "t", signature: { vendor: "google", value: "g" } };
  const loop = (...parts: readonly AssistantPart[]) => [user("q"), assistant(...parts, call("a")), result("a")];

  it("a budget gives way to a forced tool, and says so", () => {
    const { body, lost } = send("claude-sonnet-4-5", { tools, reasoning, toolChoice: { kind: "required" } });
    expect(body).not.toHaveProperty("thinking");
    expect(body.tool_choice).toEqual({ type: "any" });
    expect(lost).toEqual(["reasoning"]);
  });

  it("adaptive thinking goes with a forced tool", () => {
    const { body, lost } = send("claude-opus-4-6", { tools, reasoning, toolChoice: { kind: "required" } });
    expect(body).toMatchObject({ ...adaptive("low"), tool_choice: { type: "any" } });
    expect(lost).toEqual([]);
  });

  it("a budget is not turned on within a turn that began without signed reasoning, and says so", () => {
    for (const parts of [[], [foreign]]) {
      const { body, lost } = send("claude-sonnet-4-5", { tools, reasoning, messages: loop(...parts) });
      expect(body).not.toHaveProperty("thinking");
      expect(lost).toEqual(["reasoning"]);
    }
  });

  it("a budget goes on in a turn that began with signed reasoning, also where later calls have none", () => {
    const messages = [...loop(signed), assistant(call("b")), result("b")];
    const { body, lost } = send("claude-sonnet-4-5", { tools, reasoning, messages });
    expect(body).toMatchObject(budget(2048));
    expect(body.messages).toMatchObject([{}, { content: [{ type: "thinking" }, {}] }, {}, {}, {}]);
    expect(lost).toEqual([]);
  });

  it("a budget starts anew after a finished turn without reasoning", () => {
    const messages = [...loop(), assistant({ type: "text", text: "done" }), user("next")];
    expect(send("claude-sonnet-4-5", { tools, reasoning, messages })).toMatchObject({ body: budget(2048), lost: [] });
  });

  it("adaptive thinking takes turns that began without reasoning", () => {
    const { body, lost } = send("claude-opus-4-8", { tools, reasoning, messages: loop(foreign) });
    expect(body).toMatchObject(adaptive("low"));
    expect(lost).toEqual([]);
  });

  it("a prefill, which begins without reasoning, gives a budget no place", () => {
    const messages = [user("q"), assistant({ type: "text", text: "The" })];
    expect(send("claude-sonnet-4-5", { reasoning, messages })).toMatchObject({ lost: ["reasoning"] });
  });

  it.each([
    ["claude-sonnet-4-5", null, false],
    ["claude-opus-4-6", null, false],
    ["claude-sonnet-5", null, true],
    ["claude-sonnet-5", ask({ effort: "none" }), false],
    ["claude-sonnet-5-5", ask({ effort: "none" }), true],
    ["some-other-model", null, true],
    ["some-other-model", ask({ effort: "none" }), false],
  ])("signed reasoning is sent back to %s asked %j: %s", (model, asked, kept) => {
    const messages = [
      ...loop(signed),
      assistant({ type: "text", text: "done" }),
      user("next"),
      ...loop(signed).slice(1),
    ];
    const { body, lost } = send(model, { tools, reasoning: asked, messages });
    const thinking = (body.messages as { content: { type: string }[] }[]).map(({ content }) =>
      content.some(({ type }) => type === "thinking"),
    );
    expect(thinking).toEqual([false, kept, false, false, false, kept, false]);
    expect(lost).toEqual([]);
  });
});

describe("max_tokens", () => {
  it.each<[string, Partial<Conversation>, ModelTraits, number]>([
    ["the caller's", { maxOutputTokens: 100 }, { maxOutputTokens: 8192 }, 100],
    ["the model's limit by default", {}, { maxOutputTokens: 8192 }, 8192],
    ["the model's limit at most", { maxOutputTokens: 100_000 }, { maxOutputTokens: 8192 }, 8192],
    ["4096 where nobody says", {}, {}, 4096],
  ])("is %s", (_name, over, traits, max_tokens) => {
    expect(send("claude-3-5-sonnet-20241022", over, traits).body.max_tokens).toBe(max_tokens);
  });
});
