// What each message and block of a Messages API request means in neutral form.
import { describe, expect, it } from "vitest";
import { hello, read } from "./reading.ts";

const messages = (...all: readonly unknown[]) => read({ messages: all }).messages;
const said = (...blocks: readonly unknown[]) => messages({ role: "user", content: blocks });
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("the messages", () => {
  it("have the system prompt first, as a string or as blocks with their markers", () => {
    expect(read({ system: "Be brief." }).messages[0]).toEqual({
      role: "system",
      content: [{ type: "text", text: "Be brief." }],
    });
    const blocks = [
      { type: "text", text: "Be brief." },
      { type: "text", text: "Be kind.", cache_control: { type: "ephemeral", ttl: "1h" } },
    ];
    expect(read({ system: blocks }).messages[0]).toEqual({
      role: "system",
      content: [
        { type: "text", text: "Be brief." },
        { type: "text", text: "Be kind.", cache: { ttl: "1h" } },
      ],
    });
    expect(read({ system: "" }).messages).toHaveLength(1);
  });

  it("keep Claude Code's accounting line out of the prompt", () => {
    const line = "x-anthropic-billing-header: cc_version=2.1; cch=aeff9;";
    expect(read({ system: [{ type: "text", text: line }] }).messages).toHaveLength(1);
    expect(read({ system: `${line}\nBe brief.` }).messages[0]).toMatchObject({ content: [{ text: "Be brief." }] });
  });

  it("keep a system message in its place", () => {
    expect(messages(hello, { role: "system", content: "Be kind." }, hello).map(({ role }) => role)).toEqual([
      "user",
      "system",
      "user",
    ]);
  });

  it("have tool results as messages of their own, before what the user says with them", () => {
    const read = messages(
      hello,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "look", input: { n: 1 }, cache_control: { type: "ephemeral" } },
          { type: "tool_use", id: "b", name: "look", input: {}, caller: { type: "direct" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "found", cache_control: { type: "ephemeral", ttl: "5m" } },
          { type: "text", text: "Go on." },
          {
            type: "tool_result",
            tool_use_id: "b",
            is_error: true,
            content: [
              { type: "text", text: "broken" },
              { type: "image", source: { type: "url", url: "https://e.org/a.png" } },
            ],
          },
        ],
      },
    );
    expect(read.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "tool-call", id: "a", name: "look", arguments: '{"n":1}', cache: { ttl: null } },
          { type: "tool-call", id: "b", name: "look", arguments: "{}" },
        ],
      },
      { role: "tool", toolCallId: "a", content: [{ type: "text", text: "found" }], cache: { ttl: "5m" } },
      {
        role: "tool",
        toolCallId: "b",
        isError: true,
        content: [
          { type: "text", text: "broken" },
          { type: "image", source: { kind: "url", url: "https://e.org/a.png", mediaType: null } },
        ],
      },
      { role: "user", content: [{ type: "text", text: "Go on." }] },
    ]);
  });

  it("have empty results, and no empty assistant turns", () => {
    const read = messages(
      hello,
      { role: "assistant", content: [] },
      { role: "assistant", content: "" },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "b", content: "", is_error: false }] },
    );
    expect(read.slice(1)).toEqual([
      { role: "tool", toolCallId: "a", content: [] },
      { role: "tool", toolCallId: "b", content: [] },
    ]);
  });

  it("carry a marker of the body at their last part", () => {
    const cache_control = { type: "ephemeral" };
    const cache = { ttl: null };
    expect(read({ cache_control }).messages).toMatchObject([{ content: [{ text: "Hello", cache }] }]);
    const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "x" }] };
    expect(read({ cache_control, messages: [hello, result] }).messages[1]).toMatchObject({ role: "tool", cache });
    const turn = {
      role: "assistant",
      content: [
        { type: "text", text: "A" },
        { type: "thinking", thinking: "B" },
      ],
    };
    expect(read({ cache_control, messages: [hello, turn] }).messages[1]).toMatchObject({
      content: [{ text: "A", cache }, { text: "B" }],
    });
  });

  it("keep an answer's citations", () => {
    const cited = { type: "char_location", cited_text: "so it is", document_index: 0, document_title: "A" };
    const [, answer] = messages(hello, {
      role: "assistant",
      content: [{ type: "text", text: "So.", citations: [cited] }],
    });
    expect(answer).toMatchObject({ content: [{ citations: [{ kind: "document", quote: "so it is", raw: cited }] }] });
  });
});

describe("content blocks", () => {
  it.each([
    [
      "base64",
      { type: "base64", media_type: "image/png", data: "AAAA" },
      { kind: "base64", mediaType: "image/png", data: "AAAA" },
    ],
    ["url", { type: "url", url: "https://e.org/a.png" }, { kind: "url", url: "https://e.org/a.png", mediaType: null }],
    ["file", { type: "file", file_id: "file_1" }, { kind: "file-id", id: "file_1" }],
  ])("an image by %s", (_name, source, expected) => {
    const cache_control = { type: "ephemeral" };
    expect(said({ type: "image", source, cache_control })).toEqual([
      { role: "user", content: [{ type: "image", source: expected, cache: { ttl: null } }] },
    ]);
  });

  it.each([
    [
      "base64",
      { type: "base64", media_type: "application/pdf", data: "JVBERg==" },
      { kind: "base64", mediaType: "application/pdf", data: "JVBERg==" },
    ],
    [
      "text",
      { type: "text", media_type: "text/plain", data: "Grüße, 世界" },
      { kind: "base64", mediaType: "text/plain", data: base64("Grüße, 世界") },
    ],
    [
      "url",
      { type: "url", url: "https://e.org/a.pdf" },
      { kind: "url", url: "https://e.org/a.pdf", mediaType: "application/pdf" },
    ],
    ["file", { type: "file", file_id: "file_1" }, { kind: "file-id", id: "file_1" }],
  ])("a document by %s", (_name, source, expected) => {
    expect(said({ type: "document", source, title: "a.pdf", citations: { enabled: false } })).toEqual([
      { role: "user", content: [{ type: "file", source: expected, filename: "a.pdf" }] },
    ]);
  });

  it("a document's context is text before it, and a document of blocks is those blocks", () => {
    const source = {
      type: "content",
      content: [
        { type: "text", text: "One" },
        { type: "text", text: "Two" },
      ],
    };
    const block = {
      type: "document",
      source,
      title: "Numbers",
      context: "From a book.",
      cache_control: { type: "ephemeral" },
    };
    expect(said(block)).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Numbers" },
          { type: "text", text: "From a book." },
          { type: "text", text: "One" },
          { type: "text", text: "Two", cache: { ttl: null } },
        ],
      },
    ]);
    expect(said({ type: "document", source: { type: "content", content: "All" } })).toMatchObject([
      { content: [{ text: "All" }] },
    ]);
  });

  it("a search result is text under its title and source", () => {
    const content = [{ type: "text", text: "It is so." }];
    expect(said({ type: "search_result", title: "A", source: "https://e.org", content })).toEqual([
      { role: "user", content: [{ type: "text", text: "A\nhttps://e.org\n\nIt is so." }] },
    ]);
  });
});
