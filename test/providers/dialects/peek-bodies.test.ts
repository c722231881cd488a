// Peek: it agrees with the reader of its dialect on every recorded request, and takes every body that is JSON.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../providers/dialects/conversation.ts";
import type { ServerDialect } from "../../../providers/dialects/dialect.ts";
import type { Peek } from "../../../providers/dialects/peek.ts";
import { recordedProviders, recordings } from "../../support/recordings.ts";
import { type Body, dialects } from "./peeking.ts";

function recorded(dialect: ServerDialect): readonly { readonly name: string; readonly body: Body }[] {
  return recordedProviders().flatMap((provider) =>
    recordings(provider, { dialect: dialect.id, hasRequest: true }).flatMap(({ name, request }) =>
      request === null ? [] : [{ name: `${provider} ${name}`, body: request }],
    ),
  );
}

type Part = Conversation["messages"][number]["content"][number];

/** A document that is text needs no model that reads files. */
function isText(part: Part): boolean {
  return part.type === "file" && part.source.kind === "base64" && part.source.mediaType.startsWith("text/");
}

/** What a conversation needs, by its neutral form. */
function needs({ messages, tools }: Conversation): ReadonlySet<string> {
  const parts = messages.flatMap(({ content }): readonly Part[] => content);
  const kinds = new Set<string>(parts.filter((part) => !isText(part)).map(({ type }) => type));
  if (tools.length > 0) kinds.add("tools");
  return new Set(["tools", "image", "file", "audio"].filter((kind) => kinds.has(kind)));
}

function seen({ tools, images, documents, audio }: Peek): ReadonlySet<string> {
  const all = { tools, image: images, file: documents, audio };
  return new Set(Object.entries(all).flatMap(([kind, is]) => (is ? [kind] : [])));
}

/** Whether anything in it has no neutral form: a vendor's own tools, files and items. */
function isWhole({ extras, foreign = [] }: Conversation): boolean {
  return Object.keys(extras).length === 0 && foreign.length === 0;
}

/** The text that a conversation's messages say, and the JSON that is written for its model. */
function lengthOf({ messages, tools, output }: Conversation): number {
  let length = tools.length === 0 ? 0 : JSON.stringify(tools).length;
  if (output.kind === "json-schema") length += JSON.stringify(output.schema).length;
  for (const { content } of messages) {
    for (const part of content) {
      if ("text" in part) length += part.text.length;
      if (part.type === "file" && part.source.kind === "base64" && isText(part))
        length += 0.75 * part.source.data.length;
      if (part.type === "tool-call") length += part.name.length + part.arguments.length;
    }
  }
  return length;
}

describe.each(dialects)("a peek at a recorded request of $id", (dialect) => {
  const readable = recorded(dialect).flatMap(({ name, body }) => {
    const conversation = dialect.read(body);
    return "messages" in conversation ? [{ name, body, conversation }] : [];
  });

  it("tells what its reader finds", () => {
    expect(readable.length).toBeGreaterThan(20);
    for (const { name, body, conversation } of readable) {
      const peek = dialect.peek(body);
      const { output, maxOutputTokens, reasoning } = conversation;
      expect([peek.jsonSchema, peek.maxOutputTokens], name).toEqual([output.kind === "json-schema", maxOutputTokens]);
      if (isWhole(conversation)) expect(seen(peek), name).toEqual(needs(conversation));
      else expect([...seen(peek)], name).toEqual(expect.arrayContaining([...needs(conversation)]));
      // The other way round does not hold: `adaptive` thinking and a budget of -1 leave it to the model.
      if (peek.reasoning) expect(reasoning?.effort === "none" ? null : reasoning, name).not.toBeNull();
    }
  });

  it("has about the length of what its reader finds", () => {
    for (const { name, body, conversation } of readable) {
      if (!isWhole(conversation)) continue;
      const length = lengthOf(conversation);
      const { textLength } = dialect.peek(body);
      expect(textLength, name).toBeGreaterThan(0.7 * length - 100);
      expect(textLength, name).toBeLessThan(1.3 * length + 300);
    }
  });
});

describe("a peek", () => {
  const members = [
    ...[
      "messages",
      "input",
      "contents",
      "content",
      "parts",
      "system",
      "instructions",
      "systemInstruction",
      "role",
      "type",
    ],
    ...["text", "tools", "functions", "tool_calls", "function", "function_call", "custom", "arguments", "input_schema"],
    ...[
      "response_format",
      "json_schema",
      "schema",
      "format",
      "reasoning",
      "thinking",
      "output_config",
      "effort",
      "summary",
    ],
    ...[
      "metadata",
      "user_id",
      "user",
      "session_id",
      "conversation",
      "id",
      "source",
      "data",
      "output",
      "name",
      "labels",
    ],
    ...[
      "generationConfig",
      "thinkingConfig",
      "inlineData",
      "mimeType",
      "functionResponse",
      "response",
      "functionCall",
      "args",
    ],
    ...["max_tokens", "__proto__", "constructor", "toString"],
  ];
  const words = [
    "user",
    "assistant",
    "system",
    "text",
    "image",
    "document",
    "tool_result",
    "json_schema",
    "enabled",
    "{",
    "",
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      fc.constantFrom(...words),
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...members), tie("value"), { maxKeys: 8 }),
    ),
  }));
  const body = fc
    .dictionary(fc.constantFrom(...members), value, { maxKeys: 12 })
    // As bodies come: by JSON.parse, which makes `__proto__` a member like any other.
    .map((given) => JSON.parse(JSON.stringify(given)) as Body);

  it.each(dialects)("of $id takes every JSON object", (dialect) => {
    fc.assert(
      fc.property(body, (given) => {
        const { opening, textLength, ...peek } = dialect.peek(given);
        expect(textLength).toBeGreaterThanOrEqual(0);
        // Nothing that is not in the body can be in the prompt.
        expect(textLength).toBeLessThanOrEqual(2 * JSON.stringify(given).length + 4);
        expect(opening().length).toBeLessThanOrEqual(4000);
        for (const name of ["tools", "jsonSchema", "images", "documents", "audio", "video", "reasoning"] as const) {
          expect(typeof peek[name]).toBe("boolean");
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each(dialects)("of $id takes JSON that is nested however deep", (dialect) => {
    const deep = (open: string, close: string): unknown => JSON.parse(`${open.repeat(5000)}1${close.repeat(5000)}`);
    const nested = deep('{"type":"tool_result","content":[', "]}");
    for (const value of [nested, deep("[", "]"), deep('{"parts":[', "]}")]) {
      const given: Body = {
        messages: [{ role: "user", content: [value] }],
        input: [{ output: value, arguments: value }],
        contents: [{ parts: [{ functionResponse: { response: value, parts: [value] } }] }],
        tools: [value],
      };
      expect(dialect.peek(given).tools).toBe(true);
    }
  });
});
