// A body that is passed on to Anthropic keeps what Anthropic made, and loses what Turnpike wrote for other vendors.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import { spliceBody } from "../../../../../src/gateway/splice.ts";
import { eventsOf } from "../../../../support/neutral/answers.ts";
import { contentOf } from "../server/answers.ts";
import { streamOf } from "../server/writing.ts";

const target = { providerId: "anthropic", model: "claude-opus-4-8", traits: {} };
const passed = (body: object) => spliceBody(JSON.stringify(body), anthropicMessages.edits(body as never, target));
const google = { vendor: "google", value: "Q2FsbA==" } as const;

describe("a passed body", () => {
  it("names the deployment's model, and nothing of the gateway's own", () => {
    const body = { model: "m", provider: { order: ["a"] }, models: ["b"], drop_params: true, max_tokens: 5 };
    expect(passed(body)).toBe('{"model":"claude-opus-4-8","max_tokens":5}');
  });

  it("keeps Anthropic's own thinking and citations to the byte", () => {
    const text =
      '{"model":"m","messages":[{"role":"assistant","content":[{"signature":"EooC","type":"thinking","thinking":"\\u00e9"},' +
      '{"type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"A","citations":[{"encrypted_index":"Eo8B"}]}]}]}';
    expect(spliceBody(text, anthropicMessages.edits(JSON.parse(text), target))).toBe(
      text.replace('"m"', '"claude-opus-4-8"'),
    );
  });

  it("loses other vendors' reasoning, notes and citations, with their words and calls left", () => {
    const parts: AssistantPart[] = [
      { type: "reasoning", text: "Hm.", signature: google },
      { type: "reasoning", text: "", encrypted: { vendor: "openai", value: "gAAA" } },
      { type: "reasoning", text: "Unsigned." },
      { type: "text", text: "A", citations: [{ kind: "url", url: "https://e.org" }], signature: google },
      { type: "tool-call", id: "a", name: "look", arguments: "{}", signature: google },
    ];
    const user = { role: "user", content: "Hello" };
    const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "x" }] };
    const content = contentOf(streamOf([eventsOf(parts, 3)]));
    const body = { model: "m", messages: [user, { role: "assistant", content }, result] };
    const { messages } = JSON.parse(passed(body)) as { messages: unknown };
    expect(messages).toEqual([
      user,
      {
        role: "assistant",
        content: [
          { type: "text", text: "A", citations: null },
          { type: "tool_use", id: "a", name: "look", input: {} },
        ],
      },
      result,
    ]);
  });

  it("loses a turn that held nothing else", () => {
    const turn = { role: "assistant", content: [{ type: "thinking", thinking: "Hm.", signature: "tp1" }] };
    const user = { role: "user", content: "Hello" };
    expect(JSON.parse(passed({ model: "m", messages: [user, turn, user] }))).toMatchObject({ messages: [user, user] });
  });

  it("that can't be read is passed on for Anthropic to refuse", () => {
    expect(passed({ model: "m", messages: [7, { role: "assistant", content: [8] }] })).toContain('[7,{"role"');
  });
});
