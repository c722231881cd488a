// How messages become turns: system, order, merging, tool results, content of every kind, reasoning, prefill.
import { describe, expect, it } from "vitest";
import { encodeRequest } from "../../../../../providers/dialects/anthropic-messages/client/request.ts";
import type { AssistantPart, Conversation, Message, UserPart } from "../../../../../providers/dialects/conversation.ts";
import type { Unsupported } from "../../../../../providers/dialects/dialect.ts";
import { assistant, call, conversation, result, target, user } from "../../../../support/neutral/conversations.ts";

interface Sent {
  readonly system: unknown;
  readonly messages: unknown;
  readonly unsupported: readonly Unsupported[];
  readonly headers: Readonly<Record<string, string>> | undefined;
}

function send(messages: readonly Message[], over: Partial<Conversation> = {}, model = "claude-sonnet-4-5"): Sent {
  const { body, headers, unsupported } = encodeRequest(conversation({ messages, ...over }), target(model));
  return { system: body.system, messages: body.messages, headers, unsupported };
}

const system = (text: string, ttl?: "1h" | null): Message => ({
  role: "system",
  content: [{ type: "text", text, ...(ttl !== undefined && { cache: { ttl } }) }],
});
const text = (said: string) => ({ type: "text", text: said });
const refused = (sent: Sent) => sent.unsupported.map(({ member, droppable }) => ({ member, droppable }));

describe("instructions", () => {
  it("at the beginning become `system`, with their cache markers", () => {
    const developer: Message = { role: "developer", content: [{ type: "text", text: "second" }] };
    const sent = send([system("first", "1h"), developer, user("hi")]);
    expect(sent.system).toEqual([
      { ...text("first"), cache_control: { type: "ephemeral", ttl: "1h" } },
      text("second"),
    ]);
    expect(sent.messages).toEqual([{ role: "user", content: [text("hi")] }]);
    expect(sent.unsupported).toEqual([]);
  });

  it("later on become user text at their place", () => {
    const sent = send([user("one"), assistant({ type: "text", text: "two" }), system("mind this"), user("three")]);
    expect(sent.system).toBeUndefined();
    expect(sent.messages).toEqual([
      { role: "user", content: [text("one")] },
      { role: "assistant", content: [text("two")] },
      { role: "user", content: [text("mind this"), text("three")] },
    ]);
  });

  it("alone are no request", () => {
    expect(refused(send([system("only")]))).toEqual([{ member: "messages", droppable: false }]);
  });
});

describe("turns", () => {
  it("of one role become one", () => {
    const sent = send([
      user("a"),
      user("b"),
      assistant({ type: "text", text: "c" }),
      assistant(call("t")),
      result("t"),
    ]);
    expect(sent.messages).toMatchObject([
      { role: "user", content: [text("a"), text("b")] },
      { role: "assistant", content: [text("c"), { type: "tool_use", id: "t" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t" }] },
    ]);
  });

  it.each(["", " ", "\n\t "])("leave out blank text %j, and a turn that has nothing else", (blank) => {
    const sent = send([user("a"), assistant({ type: "text", text: blank }), user(blank), user("b")]);
    expect(sent.messages).toEqual([{ role: "user", content: [text("a"), text("b")] }]);
    expect(sent.unsupported).toEqual([]);
  });

  it("keep the prefix that a blank text marked for the cache", () => {
    const parts: readonly UserPart[] = [
      { type: "text", text: "a" },
      { type: "text", text: "", cache: { ttl: null } },
    ];
    expect(send([{ role: "user", content: parts }]).messages).toEqual([
      { role: "user", content: [{ ...text("a"), cache_control: { type: "ephemeral" } }] },
    ]);
  });

  it("of a participant with a name lose it, and say so", () => {
    const named: Message = { role: "user", content: [{ type: "text", text: "hi" }], name: "ann" };
    expect(refused(send([named]))).toEqual([{ member: "messages[0].name", droppable: true }]);
  });

  it("that continue the answer end without white space, which the API refuses", () => {
    const sent = send([user("hi"), assistant({ type: "text", text: "The best \n" })]);
    expect(sent.messages).toMatchObject([{ role: "user" }, { role: "assistant", content: [text("The best")] }]);
    expect(sent.unsupported).toEqual([]);
  });

  it("in the middle keep their white space", () => {
    const sent = send([user("hi"), assistant({ type: "text", text: "The best " }), user("go on")]);
    expect(sent.messages).toMatchObject([{}, { content: [text("The best ")] }, {}]);
  });

  it("that continue the answer are refused for models that can't", () => {
    const messages = [user("hi"), assistant({ type: "text", text: "The" })];
    expect(refused(send(messages, {}, "claude-opus-4-6"))).toEqual([{ member: "messages[1]", droppable: false }]);
    expect(refused(send(messages, {}, "some-other-model"))).toEqual([]);
  });
});

describe("tool calls and results", () => {
  it("stand in one turn each, results first, whatever else the user said meanwhile", () => {
    const sent = send([user("q"), assistant(call("a"), call("b", "find")), result("a"), user("also"), result("b")]);
    expect(sent.messages).toMatchObject([
      { role: "user" },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "look", input: {} },
          { type: "tool_use", id: "b", name: "find" },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "found" },
          { type: "tool_result", tool_use_id: "b" },
          text("also"),
        ],
      },
    ]);
  });

  it("get ids of the allowed characters, the same for call and result, and no id twice", () => {
    const turn = [assistant(call("functions.look:0")), result("functions.look:0")];
    const sent = send([user("q"), ...turn, ...turn, assistant(call("functions_look_0")), result("functions_look_0")]);
    const ids = (sent.messages as { content: { id?: string; tool_use_id?: string }[] }[]).flatMap(({ content }) =>
      content.flatMap(({ id, tool_use_id }) => id ?? tool_use_id ?? []),
    );
    expect(ids).toEqual([
      "functions_look_0",
      "functions_look_0",
      "functions_look_0_2",
      "functions_look_0_2",
      "functions_look_0_3",
      "functions_look_0_3",
    ]);
  });

  it("with one id twice in a turn are paired in order", () => {
    const sent = send([user("q"), assistant(call("x", "look"), call("x", "find")), result("x", "1"), result("x", "2")]);
    expect(sent.messages).toMatchObject([
      {},
      {
        content: [
          { id: "x", name: "look" },
          { id: "x_2", name: "find" },
        ],
      },
      {
        content: [
          { tool_use_id: "x", content: "1" },
          { tool_use_id: "x_2", content: "2" },
        ],
      },
    ]);
  });

  it("without each other are refused by their place, and left out", () => {
    const sent = send([user("q"), assistant(call("a"), call("b")), result("b"), result("c"), assistant(call("d"))]);
    expect(refused(sent)).toEqual([
      { member: "messages[3]", droppable: false },
      { member: "messages[1].content[0]", droppable: false },
      { member: "messages[4].content[0]", droppable: false },
    ]);
    expect(sent.messages).toMatchObject([{}, { content: [{ id: "b" }] }, { content: [{ tool_use_id: "b" }] }]);
  });

  it.each([
    ['{"city": "Paris"}', { city: "Paris" }],
    ["", {}],
    ["  ", {}],
    ['{"city": ', { INVALID_JSON: '{"city": ' }],
    ['["a"]', { INVALID_JSON: '["a"]' }],
    ["null", { INVALID_JSON: "null" }],
  ])("turn the arguments %j into an object", (args, input) => {
    expect(send([user("q"), assistant(call("a", "look", args)), result("a")]).messages).toMatchObject([
      {},
      { content: [{ input }] },
      {},
    ]);
  });

  it("keep numbers that a double can't hold", () => {
    const sent = send([user("q"), assistant(call("a", "look", '{"id":12345678901234567890,"n":1.50}')), result("a")]);
    expect(JSON.stringify(sent.messages)).toContain('"input":{"id":12345678901234567890,"n":1.50}');
  });

  it("carry results of several parts, errors and markers", () => {
    const message: Message = {
      role: "tool",
      toolCallId: "a",
      isError: true,
      content: [
        { type: "text", text: "see", cache: { ttl: "5m" } },
        { type: "image", source: { kind: "url", url: "https://a.example/x.png", mediaType: null } },
      ],
    };
    expect(send([user("q"), assistant(call("a")), message]).messages).toMatchObject([
      {},
      {},
      {
        content: [
          {
            type: "tool_result",
            tool_use_id: "a",
            content: [text("see"), { type: "image", source: { type: "url", url: "https://a.example/x.png" } }],
            is_error: true,
            cache_control: { type: "ephemeral", ttl: "5m" },
          },
        ],
      },
    ]);
  });

  it("may hold nothing, except for an error", () => {
    const empty = (isError: boolean): Message => ({ role: "tool", toolCallId: "a", content: [], isError });
    const contentOf = (message: Message) =>
      (send([user("q"), assistant(call("a")), message]).messages as { content: object[] }[])[2]?.content[0];
    expect(contentOf(empty(false))).toEqual({ type: "tool_result", tool_use_id: "a" });
    expect(contentOf(empty(true))).toEqual({ type: "tool_result", tool_use_id: "a", content: "error", is_error: true });
  });
});

describe("images and files", () => {
  const base64 = (mediaType: string, data = "AAAA") => ({ kind: "base64" as const, mediaType, data });
  const url = (address: string, mediaType: string | null = null) => ({ kind: "url" as const, url: address, mediaType });
  const encoded = (content: string) => Buffer.from(content).toString("base64");
  const image = (source: Extract<UserPart, { type: "image" }>["source"]): UserPart => ({ type: "image", source });
  const file = (source: Extract<UserPart, { type: "file" }>["source"], filename: string | null = null): UserPart => ({
    type: "file",
    source,
    filename,
  });
  const only = (part: UserPart) => send([{ role: "user", content: [part] }]);

  it.each<[string, UserPart, object]>([
    [
      "a PNG",
      image(base64("image/png")),
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
    ],
    ["a JPG by its other name", image(base64("image/jpg")), { source: { media_type: "image/jpeg" } }],
    [
      "an image by URL",
      image(url("https://a.example/x")),
      { type: "image", source: { type: "url", url: "https://a.example/x" } },
    ],
    [
      "an image by id",
      image({ kind: "file-id", id: "file_1" }),
      { type: "image", source: { type: "file", file_id: "file_1" } },
    ],
    [
      "a PDF",
      file(base64("application/pdf"), "a.pdf"),
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AAAA" }, title: "a.pdf" },
    ],
    [
      "a PDF known by its name",
      file(base64("application/octet-stream"), "A.PDF"),
      { source: { media_type: "application/pdf" } },
    ],
    [
      "a PDF by URL",
      file(url("https://a.example/x")),
      { type: "document", source: { type: "url", url: "https://a.example/x" } },
    ],
    [
      "a text",
      file(base64("text/markdown; charset=utf-8", encoded("# Grüße")), "a.md"),
      { type: "document", source: { type: "text", media_type: "text/plain", data: "# Grüße" }, title: "a.md" },
    ],
    ["JSON", file(base64("application/json", encoded("{}"))), { source: { type: "text", data: "{}" } }],
    [
      "a file by id",
      file({ kind: "file-id", id: "file_1" }),
      { type: "document", source: { type: "file", file_id: "file_1" } },
    ],
    ["an image as a file", file(base64("image/webp")), { type: "image", source: { media_type: "image/webp" } }],
  ])("of every accepted kind are sent: %s", (_name, part, block) => {
    const sent = only(part);
    expect(sent.messages).toMatchObject([{ role: "user", content: [block] }]);
    expect(sent.unsupported).toEqual([]);
  });

  it.each<[string, UserPart]>([
    ["a BMP", image(base64("image/bmp"))],
    ["an SVG by URL", image(url("https://a.example/x", "image/svg+xml"))],
    ["an image from a file URL", image(url("file:///etc/passwd"))],
    ["a text by URL", file(url("https://a.example/x", "text/plain"))],
    ["a PDF from a file URL", file(url("file:///a.pdf"))],
    ["a spreadsheet", file(base64("application/vnd.ms-excel"), "a.xls")],
    ["a file of unknown type", file(base64("application/octet-stream"), "a.bin")],
    ["a text that is not UTF-8", file(base64("text/plain", "/w=="))],
    ["a text that is not base64", file(base64("text/plain", "%%%"))],
    ["an empty text", file(base64("text/plain", ""))],
    ["sound", { type: "audio", data: "AAAA", format: "wav" }],
  ])("of other kinds are refused by their place: %s", (_name, part) => {
    const sent = send([{ role: "user", content: [{ type: "text", text: "see" }, part] }]);
    expect(refused(sent)).toEqual([{ member: "messages[0].content[1]", droppable: false }]);
    expect(sent.messages).toEqual([{ role: "user", content: [text("see")] }]);
  });

  it("keep their cache markers", () => {
    const part: UserPart = { type: "image", source: base64("image/png"), cache: { ttl: "1h" } };
    expect(only(part).messages).toMatchObject([{ content: [{ cache_control: { type: "ephemeral", ttl: "1h" } }] }]);
  });

  it("by id ask for the Files API", () => {
    const beta = { "anthropic-beta": "files-api-2025-04-14" };
    const part = file({ kind: "file-id", id: "file_1" });
    expect(only(part).headers).toEqual(beta);
    const inResult: Message = { role: "tool", toolCallId: "a", content: [part as Extract<UserPart, { type: "file" }>] };
    expect(send([user("q"), assistant(call("a")), inResult]).headers).toEqual(beta);
    expect(only(file(base64("application/pdf"))).headers).toBeUndefined();
  });

  it.each<[string, AssistantPart]>([
    ["a reference to sound", { type: "audio-reference", id: "audio_1" }],
    ["sound", { type: "output-audio", id: "a", data: "", transcript: "hi", expiresAtS: null }],
    ["an image", { type: "output-image", source: base64("image/png") }],
  ])("of the assistant's are refused: %s", (_name, part) => {
    expect(refused(send([user("q"), assistant({ type: "text", text: "here" }, part), user("and")]))).toEqual([
      { member: "messages[1].content[1]", droppable: false },
    ]);
  });

  it("refusals of the assistant's go back as its text", () => {
    expect(send([user("q"), assistant({ type: "refusal", text: "No." }), user("why")]).messages).toMatchObject([
      {},
      { content: [text("No.")] },
      {},
    ]);
  });
});

describe("reasoning", () => {
  const signed = (value: string): AssistantPart => ({
    type: "reasoning",
    text: `thought ${value}`,
    signature: { vendor: "anthropic", value },
  });
  const redacted: AssistantPart = { type: "reasoning", text: "", encrypted: { vendor: "anthropic", value: "enc" } };
  const said: AssistantPart = { type: "text", text: "said" };

  it("signed by Anthropic goes back unchanged, at its place", () => {
    const sent = send([user("q"), assistant(signed("s1"), said, redacted, call("a")), result("a")], {
      reasoning: { effort: null, budgetTokens: 2000, includeText: null },
    });
    expect(sent.messages).toMatchObject([
      {},
      {
        content: [
          { type: "thinking", thinking: "thought s1", signature: "s1" },
          text("said"),
          { type: "redacted_thinking", data: "enc" },
          { type: "tool_use" },
        ],
      },
      {},
    ]);
    expect(sent.unsupported).toEqual([]);
  });

  it.each<[string, AssistantPart]>([
    ["unsigned", { type: "reasoning", text: "thought" }],
    ["signed by another", { type: "reasoning", text: "t", signature: { vendor: "google", value: "g" } }],
    ["encrypted by another", { type: "reasoning", text: "", encrypted: { vendor: "openai", value: "o" } }],
    ["of an unknown maker", { type: "reasoning", text: "t", signature: { vendor: "unknown", value: "u" } }],
  ])("of a finished turn is left out when it is %s", (_name, part) => {
    const sent = send([user("q"), assistant(part, said), user("next")]);
    expect(sent.messages).toMatchObject([{}, { content: [text("said")] }, {}]);
    expect(sent.unsupported).toEqual([]);
  });

  it("does not end a turn, which the API refuses", () => {
    const sent = send([user("q"), assistant(said, signed("s1")), user("next"), assistant(signed("s2")), user("last")]);
    expect(sent.messages).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [text("said")] },
      { role: "user", content: [text("next"), text("last")] },
    ]);
  });
});
