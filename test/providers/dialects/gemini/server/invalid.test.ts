// Bad requests: each is told which member is wrong, as the client spelled it, and what it should be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geminiServer } from "../../../../../providers/dialects/gemini/index.ts";
import { hello } from "./reading.ts";

const user = (...parts: unknown[]) => ({ contents: [{ role: "user", parts }] });
const model = (...parts: unknown[]) => ({ contents: [hello, { role: "model", parts }] });
const config = (members: object) => ({ generationConfig: members });
const tools = [{ functionDeclarations: [{ name: "look" }] }];
const choice = (members: object) => ({ tools, toolConfig: { functionCallingConfig: members } });

/** The body, the path that is told, and what the message must say. */
const table: readonly (readonly [body: Record<string, unknown>, param: string, says: RegExp])[] = [
  [{ contents: undefined }, "contents", /Missing.*array/],
  [{ contents: [] }, "contents", /at least one/],
  [{ contents: "Hi" }, "contents", /array of objects/],
  [{ contents: ["Hi"] }, "contents[0]", /an object, but got a string/],
  [{ contents: [{ role: "assistant", parts: [] }] }, "contents[0].role", /'model'.*but got 'assistant'/],
  [{ contents: [{ role: "user" }] }, "contents[0].parts", /Missing/],
  [user("Hi"), "contents[0].parts[0]", /an object, but got a string/],
  [user({}), "contents[0].parts[0]", /needs one of 'text'/],
  [user({ text: 5 }), "contents[0].parts[0].text", /a string, but got an integer/],
  [user({ text: "a" }, { inline_data: {} }), "contents[0].parts[1].inline_data.mimeType", /Missing/],
  [
    user({ text: "a" }, { inline_data: { mime_type: "image/png" } }),
    "contents[0].parts[1].inline_data.data",
    /Missing/,
  ],
  [user({ text: "a" }, { inline_data: "AAAA" }), "contents[0].parts[1].inline_data", /an object/],
  [user({ inlineData: { mimeType: 5, data: "" } }), "contents[0].parts[0].inlineData.mimeType", /a string/],
  [user({ fileData: {} }), "contents[0].parts[0].fileData.fileUri", /Missing/],
  [user({ file_data: { file_uri: "a.png" } }), "contents[0].parts[0].file_data.file_uri", /no web address/],
  [user({ functionCall: { name: "look" } }), "contents[0].parts[0].functionCall", /'model'/],
  [user({ functionResponse: { response: {} } }), "contents[0].parts[0].functionResponse.name", /Missing/],
  [user({ functionResponse: { name: "look" } }), "contents[0].parts[0].functionResponse.name", /no unanswered call/],
  [
    user({ functionResponse: { id: "1", name: "look" } }),
    "contents[0].parts[0].functionResponse.id",
    /with the id '1'/,
  ],
  [model({ functionCall: {} }), "contents[1].parts[0].functionCall.name", /Missing/],
  [model({ functionCall: { name: "look", args: "{}" } }), "contents[1].parts[0].functionCall.args", /an object/],
  [model({ functionResponse: { name: "look" } }), "contents[1].parts[0].functionResponse", /'user'/],
  [model({ text: "a", thoughtSignature: 5 }), "contents[1].parts[0].thoughtSignature", /a string/],
  [{ systemInstruction: 5 }, "systemInstruction", /an object/],
  [{ system_instruction: { role: "user" } }, "system_instruction.parts", /Missing/],
  [{ systemInstruction: { parts: [{ inlineData: {} }] } }, "systemInstruction.parts[0]", /text only/],
  [config({ temperature: "hot" }), "generationConfig.temperature", /a number, but got a string/],
  [config({ temperature: 2.1 }), "generationConfig.temperature", /from 0 to 2/],
  [config({ topP: 1.5 }), "generationConfig.topP", /from 0 to 1/],
  [config({ topK: 0 }), "generationConfig.topK", /1 or more/],
  [config({ maxOutputTokens: 0 }), "generationConfig.maxOutputTokens", /1 or more/],
  [{ generation_config: { max_output_tokens: 0 } }, "generation_config.max_output_tokens", /1 or more/],
  [config({ candidateCount: 0 }), "generationConfig.candidateCount", /from 1/],
  [config({ stopSequences: "END" }), "generationConfig.stopSequences", /array of strings/],
  [config({ seed: 1.5 }), "generationConfig.seed", /an integer/],
  [config({ presencePenalty: 3 }), "generationConfig.presencePenalty", /from -2 to 2/],
  [config({ logprobs: 3 }), "generationConfig.logprobs", /'generationConfig.responseLogprobs' to be true/],
  [config({ responseMimeType: "text/html" }), "generationConfig.responseMimeType", /'application\/json'/],
  [config({ responseSchema: { type: "OBJECT" } }), "generationConfig.responseSchema", /for JSON answers/],
  [config({ thinkingConfig: 5 }), "generationConfig.thinkingConfig", /an object/],
  [config({ thinkingConfig: { thinkingBudget: -2 } }), "generationConfig.thinkingConfig.thinkingBudget", /-1 or more/],
  [config({ thinkingConfig: { thinkingLevel: "MAX" } }), "generationConfig.thinkingConfig.thinkingLevel", /'HIGH'/],
  [
    config({ thinkingConfig: { thinkingLevel: "LOW", thinkingBudget: 5 } }),
    "generationConfig.thinkingConfig.thinkingBudget",
    /together/,
  ],
  [config({ responseModalities: "TEXT" }), "generationConfig.responseModalities", /array of strings/],
  [{ tools: [{ functionDeclarations: [{}] }] }, "tools[0].functionDeclarations[0].name", /Missing/],
  [
    { tools: [{ function_declarations: [{ name: "a", parameters: "{}" }] }] },
    "tools[0].function_declarations[0].parameters",
    /an object/,
  ],
  [choice({ mode: "MUST" }), "toolConfig.functionCallingConfig.mode", /'ANY'/],
  [
    choice({ mode: "ANY", allowedFunctionNames: ["see"] }),
    "toolConfig.functionCallingConfig.allowedFunctionNames",
    /no function 'see'.*'look'/,
  ],
  [{ toolConfig: { functionCallingConfig: { mode: "ANY" } } }, "toolConfig.functionCallingConfig.mode", /Add 'tools'/],
  [{ serviceTier: 5 }, "serviceTier", /a string/],
];

describe("a bad request", () => {
  it.each(table)("%j is told of its %s", (body, param, says) => {
    const result = geminiServer.read({ contents: [hello], ...body });
    expect(result).toEqual({ param, message: expect.stringMatching(says) });
    expect((result as { message: string }).message).toContain(param);
  });

  it("of any shape is read or refused, and its members have names: the reader never fails", () => {
    const name = fc.constantFrom(
      "contents",
      "parts",
      "role",
      "text",
      "inlineData",
      "inline_data",
      "mimeType",
      "data",
      "functionCall",
      "functionResponse",
      "name",
      "args",
      "response",
      "id",
      "thoughtSignature",
      "tools",
      "functionDeclarations",
      "parameters",
      "type",
      "properties",
      "nullable",
      "anyOf",
      "toolConfig",
      "functionCallingConfig",
      "mode",
      "generationConfig",
      "thinkingConfig",
      "speechConfig",
      "systemInstruction",
      "responseSchema",
      "responseMimeType",
    );
    const wild = fc.object({
      key: name,
      values: [
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom("model", "user", "ANY", "STRING"),
      ],
      maxDepth: 6,
      withNullPrototype: false,
    });
    const contents = fc.array(
      fc.record({ role: fc.constantFrom("user", "model", "function"), parts: fc.array(wild, { maxLength: 3 }) }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(contents, wild, (turns, rest) => {
        const body = { ...rest, contents: turns };
        const result = geminiServer.read(body);
        expect("messages" in result || typeof result.message === "string").toBe(true);
        for (const member of ["messages[0].content[1]", "tools[0].parameters", "output", "reasoning", "stop"]) {
          expect(geminiServer.param(member, body)).not.toBe("");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a member that a provider can't take", () => {
  const body = {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [
      { role: "user", parts: [{ text: "Hi" }, { inlineData: { mimeType: "image/png", data: "AA==" } }] },
      { role: "model", parts: [{ functionCall: { name: "look" } }] },
      { role: "user", parts: [{ text: "So?" }, { functionResponse: { name: "look", response: { output: "x" } } }] },
    ],
    tools: [{ googleSearch: {} }, { functionDeclarations: [{ name: "a" }, { name: "look" }] }],
  };

  it.each([
    ["maxOutputTokens", {}, "generationConfig.maxOutputTokens"],
    ["maxOutputTokens", { generation_config: { max_output_tokens: 5 } }, "generation_config.max_output_tokens"],
    ["choices", {}, "generationConfig.candidateCount"],
    ["stop", {}, "generationConfig.stopSequences"],
    ["logprobs", {}, "generationConfig.responseLogprobs"],
    ["output", {}, "generationConfig.responseMimeType"],
    ["output", config({ responseSchema: {} }), "generationConfig.responseSchema"],
    ["output", config({ response_json_schema: {} }), "generationConfig.response_json_schema"],
    ["reasoning", {}, "generationConfig.thinkingConfig"],
    ["reasoning.effort", {}, "generationConfig.thinkingConfig.thinkingLevel"],
    ["reasoning.budgetTokens", {}, "generationConfig.thinkingConfig.thinkingBudget"],
    ["audioOutput.voice", {}, "generationConfig.speechConfig"],
    ["toolChoice", {}, "toolConfig.functionCallingConfig"],
    ["tools[1]", {}, "tools[1].functionDeclarations[1]"],
    ["tools[0].parameters", {}, "tools[1].functionDeclarations[0].parameters"],
    ["tools[0].googleSearch", {}, "tools[0].googleSearch"],
    ["messages[0].content[0]", {}, "systemInstruction.parts[0]"],
    ["messages[1].content[1]", {}, "contents[0].parts[1]"],
    ["messages[2].content[0]", {}, "contents[1].parts[0]"],
    ["messages[3]", {}, "contents[2].parts[1].functionResponse"],
    ["messages[4].content[0]", {}, "contents[2].parts[0]"],
    ["safetySettings", {}, "safetySettings"],
  ])("%s of %j is called %s", (member, members, param) => {
    expect(geminiServer.param(member, { ...body, ...members })).toBe(param);
  });
});
