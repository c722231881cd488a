import { describe, expect, it } from "vitest";
import type { Message } from "../../../../providers/dialects/conversation.ts";
import { assistant, result as tool, user } from "../../../support/neutral/conversations.ts";
import { contentsOf, encoded } from "./conversations.ts";

const weather = { type: "tool-call", id: "call_1", name: "weather", arguments: '{"city":"Paris"}' } as const;
const time = { type: "tool-call", id: "call_2", name: "time", arguments: "" } as const;
const png = { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } as const;

function unsupportedOf(messages: readonly Message[], model?: string) {
  return encoded({ messages }, model).unsupported.map(({ member, droppable }) => [member, droppable]);
}

describe("tool results", () => {
  const call = assistant(weather, time);

  it("results name their function, in one turn apart from the words that follow", () => {
    const messages = [user("?"), call, tool("call_2", "12:00"), tool("call_1", '{"temp": 15}'), user("So?")];
    expect((contentsOf(messages) as unknown[]).slice(2)).toEqual([
      {
        role: "user",
        parts: [
          { functionResponse: { id: "call_2", name: "time", response: { output: "12:00" } } },
          { functionResponse: { id: "call_1", name: "weather", response: { temp: 15 } } },
        ],
      },
      { role: "user", parts: [{ text: "So?" }] },
    ]);
  });

  it.each([
    ["plain text", "15°C", {}, { output: "15°C" }],
    ["a JSON array", "[1,2]", {}, { output: "[1,2]" }],
    ["an object", '{"a":[1]}', {}, { a: [1] }],
    [
      "an object with an integer that doubles can't hold",
      '{"id":12345678901234567}',
      {},
      { output: '{"id":12345678901234567}' },
    ],
    ["nothing", "", {}, {}],
    ["an error", "no such city", { isError: true }, { error: "no such city" }],
  ])("%s", (_, text, more, response) => {
    const result = { ...tool("call_1", text), ...more } as Message;
    const turns = contentsOf([user("?"), call, result]) as { parts: unknown[] }[];
    expect(turns[2]?.parts).toEqual([{ functionResponse: { id: "call_1", name: "weather", response } }]);
  });

  it("a result whose call is not in the conversation is refused", () => {
    expect(unsupportedOf([user("?"), tool("call_9", "x")])).toEqual([["messages[1]", false]]);
  });

  const pictures: Message = {
    role: "tool",
    toolCallId: "call_1",
    content: [
      { type: "text", text: "Two pictures." },
      { type: "image", source: png },
      { type: "image", source: { kind: "url", url: "https://a.example/x.png", mediaType: null } },
    ],
  };

  it("Gemini 3 gets bytes inside the result and addresses after it", () => {
    const messages = [user("?"), call, pictures, tool("call_2", "12:00")];
    expect((contentsOf(messages, "gemini-3-pro-preview") as unknown[]).slice(2)).toEqual([
      {
        role: "user",
        parts: [
          {
            functionResponse: {
              id: "call_1",
              name: "weather",
              response: { output: "Two pictures." },
              parts: [{ inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
            },
          },
          { functionResponse: { id: "call_2", name: "time", response: { output: "12:00" } } },
        ],
      },
      {
        role: "user",
        parts: [
          { text: "Attached to the result of weather (call_1):" },
          { fileData: { mimeType: "image/png", fileUri: "https://a.example/x.png" } },
        ],
      },
    ]);
  });

  it("older models get all attachments after the results, before the user's next words", () => {
    expect((contentsOf([user("?"), call, pictures, user("So?")]) as unknown[]).slice(2)).toEqual([
      {
        role: "user",
        parts: [{ functionResponse: { id: "call_1", name: "weather", response: { output: "Two pictures." } } }],
      },
      {
        role: "user",
        parts: [
          { text: "Attached to the result of weather (call_1):" },
          { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } },
          { fileData: { mimeType: "image/png", fileUri: "https://a.example/x.png" } },
          { text: "So?" },
        ],
      },
    ]);
  });
});
