import { describe, expect, it } from "vitest";
import type { Message, Signature } from "../../../../providers/dialects/conversation.ts";
import { assistant, result as tool, user } from "../../../support/neutral/conversations.ts";
import { contentsOf, encoded, system } from "./conversations.ts";

const google: Signature = { vendor: "google", value: "c2lnbmVk" };
const anthropic: Signature = { vendor: "anthropic", value: "Zm9yZWlnbg" };
const weather = { type: "tool-call", id: "call_1", name: "weather", arguments: '{"city":"Paris"}' } as const;
const time = { type: "tool-call", id: "call_2", name: "time", arguments: "" } as const;
const png = { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } as const;

function unsupportedOf(messages: readonly Message[], model?: string) {
  return encoded({ messages }, model).unsupported.map(({ member, droppable }) => [member, droppable]);
}

describe("turns", () => {
  it("leading instructions are the system instruction, later ones user text where they stand", () => {
    const messages: Message[] = [
      system("Be brief."),
      { role: "developer", content: [{ type: "text", text: "Be kind." }] },
      user("Hi"),
      assistant({ type: "text", text: "Hello" }),
      system("Now in French."),
      user("And you?"),
    ];
    expect(encoded({ messages }).body).toEqual({
      contents: [
        { role: "user", parts: [{ text: "Hi" }] },
        { role: "model", parts: [{ text: "Hello" }] },
        { role: "user", parts: [{ text: "Now in French." }, { text: "And you?" }] },
      ],
      systemInstruction: { parts: [{ text: "Be brief." }, { text: "Be kind." }] },
    });
  });

  it("a Gemma model is told its instructions by the user", () => {
    expect(encoded({ messages: [system("Be brief."), user("Hi")] }, "gemma-3-27b-it").body).toEqual({
      contents: [{ role: "user", parts: [{ text: "Be brief." }, { text: "Hi" }] }],
    });
  });

  it("an instruction alone is what is answered", () => {
    expect(encoded({ messages: [system("Tell a joke.")] }).body).toEqual({
      contents: [{ role: "user", parts: [{ text: "Tell a joke." }] }],
    });
  });

  it("a conversation without content is refused", () => {
    expect(unsupportedOf([])).toEqual([["messages", false]]);
    expect(unsupportedOf([user("")])).toEqual([["messages", false]]);
  });

  it("a history that begins with the model's words gets a first user turn", () => {
    expect(contentsOf([assistant({ type: "text", text: "Welcome." }), user("Hi")])).toEqual([
      { role: "user", parts: [{ text: "." }] },
      { role: "model", parts: [{ text: "Welcome." }] },
      { role: "user", parts: [{ text: "Hi" }] },
    ]);
  });

  it("messages of one role that follow each other are one turn, and empty ones are none", () => {
    expect(
      contentsOf([user("One"), user("Two"), assistant({ type: "text", text: "" }), user("Three"), assistant()]),
    ).toEqual([{ role: "user", parts: [{ text: "One" }, { text: "Two" }, { text: "Three" }] }]);
  });

  it("a participant's name is named as left out", () => {
    expect(unsupportedOf([{ ...user("Hi"), role: "user", name: "Ann" } as Message])).toEqual([
      ["messages[0].name", true],
    ]);
  });
});

describe("media", () => {
  const of = (content: Extract<Message, { role: "user" }>["content"]) => {
    const { body, unsupported } = encoded({
      messages: [{ role: "user", content: [{ type: "text", text: "?" }, ...content] }],
    });
    const [turn] = body.contents as { parts: unknown[] }[];
    return {
      parts: turn?.parts.slice(1),
      refused: unsupported.filter(({ droppable }) => !droppable).map(({ member }) => member),
    };
  };
  const url = (address: string, mediaType: string | null = null) => ({ kind: "url", url: address, mediaType }) as const;

  it.each([
    ["bytes", png, { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
    [
      "an address with an extension",
      url("https://a.example/x.PNG?w=1#y"),
      { fileData: { mimeType: "image/png", fileUri: "https://a.example/x.PNG?w=1#y" } },
    ],
    [
      "an address without one",
      url("https://a.example/x"),
      { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/x" } },
    ],
    ["a told type", url("gs://b/x", "image/webp"), { fileData: { mimeType: "image/webp", fileUri: "gs://b/x" } }],
    [
      "a type named like an object's member",
      url("https://a.example/x.constructor"),
      { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/x.constructor" } },
    ],
  ])("an image: %s", (_, source, part) => {
    expect(of([{ type: "image", source }])).toEqual({ parts: [part], refused: [] });
  });

  it.each([
    ["by name", url("https://a.example/1"), "notes.txt", { mimeType: "text/plain", fileUri: "https://a.example/1" }],
    [
      "a video page",
      url("https://m.youtube.com/watch?v=lCdaVNyHtjU"),
      null,
      { mimeType: "video/mp4", fileUri: "https://m.youtube.com/watch?v=lCdaVNyHtjU" },
    ],
    ["unknown", url("https://a.example/1"), null, { mimeType: "application/pdf", fileUri: "https://a.example/1" }],
    [
      "an upload",
      { kind: "file-id", id: "files/k8" } as const,
      null,
      { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/k8" },
    ],
  ])("a file: %s", (_, source, filename, fileData) => {
    expect(of([{ type: "file", source, filename }])).toEqual({ parts: [{ fileData }], refused: [] });
  });

  it("sound is inline", () => {
    expect(of([{ type: "audio", data: "UklGRg==", format: "wav" }]).parts).toEqual([
      { inlineData: { mimeType: "audio/wav", data: "UklGRg==" } },
    ]);
  });

  it.each([
    ["another provider's file", { kind: "file-id", id: "file-abc" } as const],
    ["an address that nobody may fetch", url("file:///etc/passwd")],
  ])("%s is refused, and may not be dropped", (_, source) => {
    expect(of([{ type: "file", source, filename: null }])).toEqual({ parts: [], refused: ["messages[0].content[1]"] });
  });
});

describe("the model's turns", () => {
  it("parts keep their order, and Google's signatures the part they came on", () => {
    const messages = [
      user("Weather?"),
      assistant(
        { type: "reasoning", text: "Hm.", signature: google },
        { type: "text", text: "Let me see." },
        { type: "text", text: "", signature: google },
        { ...weather, signature: google },
        time,
      ),
    ];
    expect(contentsOf(messages, "gemini-3-flash-preview")).toEqual([
      { role: "user", parts: [{ text: "Weather?" }] },
      {
        role: "model",
        parts: [
          { text: "Hm.", thought: true, thoughtSignature: "c2lnbmVk" },
          { text: "Let me see." },
          { text: "", thoughtSignature: "c2lnbmVk" },
          {
            functionCall: { id: "call_1", name: "weather", args: { city: "Paris" } },
            thoughtSignature: "c2lnbmVk",
          },
          { functionCall: { id: "call_2", name: "time", args: {} } },
        ],
      },
    ]);
  });

  it("another vendor's signature stays behind; its readable thoughts do not", () => {
    expect(contentsOf([user("Hi"), assistant({ type: "reasoning", text: "Hm.", signature: anthropic })])).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: [{ text: "Hm.", thought: true }] },
    ]);
  });

  it.each([
    ["gemini-3-flash-preview", "skip_thought_signature_validator"],
    ["gemini-flash-latest", "skip_thought_signature_validator"],
    ["gemini-2.5-flash", undefined],
  ])("on %s the first of unsigned calls is marked %s", (model, mark) => {
    const [, turn] = contentsOf([user("?"), assistant(weather, time)], model) as {
      parts: { thoughtSignature?: string }[];
    }[];
    expect(turn?.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([mark, undefined]);
  });

  it("an encrypted thought of another vendor is left out in silence only when its turn is over", () => {
    const hidden = assistant({ type: "reasoning", text: "", encrypted: anthropic }, weather);
    expect(unsupportedOf([user("?"), hidden, tool("call_1", "15°C")])).toEqual([["messages[1].content[0]", true]]);
    expect(unsupportedOf([user("?"), hidden, tool("call_1", "15°C"), user("Thanks.")])).toEqual([]);
  });

  it("refusals and the words of spoken answers are text, sound that another provider keeps is refused", () => {
    const messages = [
      user("?"),
      assistant(
        { type: "refusal", text: "No." },
        { type: "output-audio", id: "a", data: "AA==", transcript: "Yes.", expiresAtS: null },
        { type: "output-image", source: png, signature: google },
        { type: "audio-reference", id: "audio_1" },
      ),
    ];
    expect(contentsOf(messages)).toMatchObject([
      {},
      {
        parts: [
          { text: "No." },
          { text: "Yes." },
          { inlineData: { mimeType: "image/png" }, thoughtSignature: "c2lnbmVk" },
        ],
      },
    ]);
    expect(unsupportedOf(messages)).toEqual([["messages[1].content[3]", false]]);
  });

  it.each([
    ['{"card":"4111111111111111"}', { card: "4111111111111111" }],
    ["", {}],
    ["{broken", { INVALID_JSON: "{broken" }],
    ["[1]", { INVALID_JSON: "[1]" }],
  ])("arguments %s are sent as %o", (text, args) => {
    expect(contentsOf([user("?"), assistant({ ...weather, arguments: text })])).toMatchObject([
      {},
      { parts: [{ functionCall: { args } }] },
    ]);
  });
});
