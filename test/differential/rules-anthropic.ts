// When two Anthropic messages requests are the same.
import type { Json, JsonObject } from "../support/recordings.ts";
import { mergeTurns, objects, type Rule, replaced, unless } from "./rules.ts";

/** Applied in order to the recorded request and to the one that Turnpike sent. */
export const anthropicRules: readonly Rule[] = [
  {
    rule: "members that say the default are left out",
    reason:
      "API reference, `stream` (false), `temperature` (1), `tool_choice` (auto when there are tools), `tools` ([])",
    apply: (body) =>
      replaced(body, {
        stream: unless((value) => value === false),
        temperature: unless((value) => value === 1),
        tool_choice: unless((value) => JSON.stringify(value) === '{"type":"auto"}'),
        tools: unless((value) => objects(value).length === 0),
      }),
  },
  {
    rule: "a text in place of a list of blocks is one text block",
    reason: "API reference, `messages.content`, `system` and `tool_result.content`: shorthand for one text block",
    apply: (body) =>
      replaced(body, {
        system: (value) => objects(blocks(value)),
        messages: (value) => objects(value).map((message) => replaced(message, { content: blocks })),
      }),
  },
  {
    rule: "consecutive messages of one role are one message",
    reason: 'API reference, `messages`: "consecutive user or assistant turns in your request will be combined"',
    apply: (body) => replaced(body, { messages: (value) => mergeTurns(objects(value), "content") }),
  },
  {
    rule: "blocks and tools leave out what is the default",
    reason: "API reference: `is_error` (false), cache `ttl` (5m), tool `type` (custom), tool `strict` (false)",
    apply: (body) =>
      replaced(body, {
        system: (value) => objects(value).map(withoutDefaults),
        tools: (value) => objects(value).map(withoutDefaults),
        messages: (value) =>
          objects(value).map((message) =>
            replaced(message, { content: (content) => objects(content).map(withoutDefaults) }),
          ),
      }),
  },
];

function blocks(value: Json): Json {
  if (typeof value === "string") return [{ type: "text", text: value }];
  return objects(value).map((block) => (block.type === "tool_result" ? replaced(block, { content: blocks }) : block));
}

function withoutDefaults(object: JsonObject): JsonObject {
  return replaced(object, {
    is_error: unless((value) => value === false),
    strict: unless((value) => value === false),
    type: unless((value) => value === "custom"),
    cache_control: (value) => replaced(value as JsonObject, { ttl: unless((ttl) => ttl === "5m") }),
  });
}
