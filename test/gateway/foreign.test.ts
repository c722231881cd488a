// What only the client's own dialect can do is refused in every translation, or left out where the client allows it; a
// passthrough does not look at it.
import { describe, expect, it } from "vitest";
import { openaiResponses, openaiResponsesServer } from "../../providers/dialects/openai-responses/index.ts";
import { openai } from "../../providers/openai.ts";
import { GatewayError } from "../../src/errors.ts";
import { readCall } from "../../src/gateway/call.ts";
import { ConversationReader, type Prepared, prepare } from "../../src/gateway/prepare.ts";

const search = { type: "web_search" };
const look = { type: "function", name: "look", parameters: null, strict: false };
const searched = [
  { role: "user", content: "Hi" },
  { type: "web_search_call", id: "ws_1" },
];

function prepared(body: object, dialect = openai.dialect): Prepared {
  const rawBody = JSON.stringify({ model: "openai/gpt-5", input: "Hi", ...body });
  const call = readCall({
    id: "req_1",
    dialect: openaiResponsesServer,
    rawBody,
    header: () => null,
    openedAtMs: 0,
    startedAt: 0,
  });
  const connection = {
    id: "openai",
    provider: { ...openai, dialect, dialects: [dialect] },
    baseUrl: "https://upstream.example",
    secret: null,
  };
  return prepare(call, new ConversationReader(call), { connection, model: "gpt-5", facts: null, traits: {} });
}

function refusal(body: object): GatewayError {
  try {
    prepared(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a built-in tool of the client's dialect", () => {
  it("is refused by name when the request must be translated", () => {
    expect(refusal({ tools: [look, search] })).toMatchObject({
      code: "unsupported_parameter",
      param: "tools[1]",
      message: expect.stringMatching(/`tools\[1\]` is a tool of type `web_search`.*drop_params/),
    });
  });

  it("is left out, and said to be, when the client allows that", () => {
    const { dropped, request } = prepared({ tools: [look, search], drop_params: true });
    expect(dropped).toEqual(["tools[1]"]);
    expect(JSON.parse(request.body).tools).toHaveLength(1);
  });

  it("that left an item behind is content, and never left out", () => {
    expect(refusal({ input: searched, drop_params: true })).toMatchObject({
      code: "unsupported_parameter",
      param: "input[1]",
    });
  });

  it("goes through to a provider of that dialect as it came", () => {
    const { kind, request } = prepared({ input: searched, tools: [search] }, openaiResponses());
    expect(kind).toBe("passthrough");
    expect(JSON.parse(request.body)).toEqual({ model: "gpt-5", input: searched, tools: [search] });
  });
});
