// What a Gemini body says, in neutral terms.
import { describe, expect, it } from "vitest";
import { readSchema } from "../../../../../providers/dialects/gemini/server/schema.ts";
import { messages, read } from "./reading.ts";

const user = (...parts: unknown[]) => ({ role: "user", parts });
const model = (...parts: unknown[]) => ({ role: "model", parts });
const call = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id !== undefined && { id }) } });
const answer = (name: string, output: unknown, id?: string) => ({
  functionResponse: { name, response: { output }, ...(id !== undefined && { id }) },
});

describe("contents", () => {
  it("pair calls and responses without ids by name and in order", () => {
    const said = messages(
      user({ text: "Hi" }),
      model(call("a"), call("b"), call("a")),
      { role: "function", parts: [answer("a", "1"), answer("a", "2"), answer("b", "3")] },
      model(call("a")),
      user(answer("a", "4"), { text: "So?" }),
    );
    const ids = said.flatMap((message) =>
      message.role === "assistant" ? message.content.map((part) => (part.type === "tool-call" ? part.id : "")) : [],
    );
    expect(ids).toEqual(["call_1_0", "call_1_1", "call_1_2", "call_3_0"]);
    const results = said.flatMap((message) => (message.role === "tool" ? [[message.toolCallId, message.content]] : []));
    expect(results).toEqual([
      ["call_1_0", [{ type: "text", text: "1" }]],
      ["call_1_2", [{ type: "text", text: "2" }]],
      ["call_1_1", [{ type: "text", text: "3" }]],
      ["call_3_0", [{ type: "text", text: "4" }]],
    ]);
    expect(said.at(-1)).toEqual({ role: "user", content: [{ type: "text", text: "So?" }] });
  });

  it("keep the ids that a client gives, and take its own for calls that had none", () => {
    const said = messages(
      user({ text: "Hi" }),
      model(call("a", "x1"), call("b")),
      user(answer("b", "1", "mine"), answer("a", "2", "x1")),
    );
    expect(said.flatMap((message) => (message.role === "tool" ? [message.toolCallId] : []))).toEqual([
      "call_1_1",
      "x1",
    ]);
  });

  it("have responses right after the calls, wherever in their turn they stand", () => {
    const said = messages(user({ text: "Hi" }), model(call("a")), user({ text: "Here:" }, answer("a", "1")));
    expect(said.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
  });

  it("tell results apart: output, error, and any other object", () => {
    const results = [{ output: "x" }, { output: { a: 1 } }, { error: "no" }, { result: 1, error: "no" }, {}].map(
      (response) => {
        const said = messages(
          user({ text: "Hi" }),
          model(call("a")),
          user({ functionResponse: { name: "a", response } }),
        );
        const [, , tool] = said;
        return tool?.role === "tool" ? [tool.content, tool.isError ?? false] : null;
      },
    );
    expect(results).toEqual([
      [[{ type: "text", text: "x" }], false],
      [[{ type: "text", text: '{"a":1}' }], false],
      [[{ type: "text", text: "no" }], true],
      [[{ type: "text", text: '{"result":1,"error":"no"}' }], false],
      [[{ type: "text", text: "{}" }], false],
    ]);
  });

  it("hold pictures, sounds, files and addresses", () => {
    const [message] = messages(
      user(
        { inlineData: { mimeType: "image/png", data: "AA==" }, mediaResolution: { level: "MEDIA_RESOLUTION_LOW" } },
        { inlineData: { mimeType: "audio/wav", data: "AA==" } },
        { inline_data: { mime_type: "application/pdf", data: "AA==", display_name: "a.pdf" } },
        { inlineData: { mimeType: "text/plain", data: "AA==" } },
        { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/b.jpg" } },
      ),
    );
    expect(message?.content).toEqual([
      { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" }, detail: "low" },
      { type: "audio", data: "AA==", format: "wav" },
      { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "AA==" }, filename: "a.pdf" },
      { type: "file", source: { kind: "base64", mediaType: "text/plain", data: "AA==" }, filename: null },
      { type: "image", source: { kind: "url", url: "https://a.example/b.jpg", mediaType: "image/jpeg" } },
    ]);
  });

  it("keep Google's signatures on their parts, whichever way they are spelled", () => {
    const [, message] = messages(
      user({ text: "Hi" }),
      model(
        { text: "Hm", thought: true },
        { text: "Yes", thoughtSignature: "c2ln" },
        { function_call: { name: "a" }, thought_signature: "Y2Fs" },
        { thoughtSignature: "ZW1w" },
      ),
    );
    const signature = (value: string) => ({ vendor: "google", value });
    expect(message?.content).toEqual([
      { type: "reasoning", text: "Hm" },
      { type: "text", text: "Yes", signature: signature("c2ln") },
      { type: "tool-call", id: "call_1_0", name: "a", arguments: "{}", signature: signature("Y2Fs") },
      { type: "text", text: "", signature: signature("ZW1w") },
    ]);
  });

  it("may be alone where a list is expected, as Google's own examples have them", () => {
    expect(
      read({ contents: { parts: { text: "Hi" } }, system_instruction: { parts: { text: "Be brief." } } }).messages,
    ).toEqual([
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
    ]);
    for (const systemInstruction of ["Be brief.", { text: "Be brief." }, [{ text: "Be brief." }]]) {
      expect(read({ systemInstruction }).messages[0]).toEqual({
        role: "system",
        content: [{ type: "text", text: "Be brief." }],
      });
    }
  });
});

describe("what only Google can do", () => {
  it.each([
    [{ tools: [{ googleSearch: {} }] }, "tools[0].googleSearch", true],
    [{ tools: [{ code_execution: {} }] }, "tools[0].code_execution", true],
    [{ toolConfig: { retrievalConfig: {} } }, "toolConfig.retrievalConfig", true],
    [{ safetySettings: [] }, "safetySettings", true],
    [{ cached_content: "cachedContents/1" }, "cached_content", false],
    [{ generationConfig: { mediaResolution: "LOW" } }, "generationConfig.mediaResolution", true],
    [{ generationConfig: { speechConfig: { languageCode: "de" } } }, "generationConfig.speechConfig", true],
    [{ generationConfig: { responseMimeType: "text/x.enum" } }, "generationConfig.responseMimeType", true],
    [{ contents: [user({ text: "a" }, { executableCode: {} })] }, "contents[0].parts[1].executableCode", false],
    [
      { contents: [user({ text: "a" }), model({ codeExecutionResult: {} })] },
      "contents[1].parts[0].codeExecutionResult",
      false,
    ],
    [
      { contents: [user({ inlineData: { mimeType: "video/mp4", data: "A" } })] },
      "contents[0].parts[0].inlineData",
      false,
    ],
    [{ contents: [user({ fileData: { fileUri: "https://youtu.be/a" } })] }, "contents[0].parts[0].fileData", false],
    [{ contents: [user({ file_data: { file_uri: "gs://a/b.pdf" } })] }, "contents[0].parts[0].file_data", false],
  ])("%j is refused by the name %s", (body, member, droppable) => {
    expect(read(body).foreign).toEqual([{ member, droppable, reason: expect.any(String) }]);
  });

  it("is a hint where no answer depends on it", () => {
    expect(read({ labels: { team: "a" } }).foreign).toMatchObject([{ member: "labels", droppable: true, hint: true }]);
  });

  it("is not what the gateway reads itself, nor what another provider may know", () => {
    const { extras, foreign } = read({
      models: [],
      provider: {},
      drop_params: true,
      model: "m",
      stream: true,
      min_p: 0.1,
    });
    expect(foreign).toEqual([]);
    expect(extras).toEqual({ min_p: 0.1 });
  });
});

describe("settings", () => {
  it("are read in either spelling", () => {
    const camel = {
      generationConfig: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        candidateCount: 2,
        maxOutputTokens: 100,
        stopSequences: ["END"],
        seed: 7,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        responseLogprobs: true,
        logprobs: 3,
        responseMimeType: "application/json",
        responseModalities: ["TEXT", "AUDIO"],
        thinkingConfig: { thinkingBudget: 1000, includeThoughts: true },
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
      },
      serviceTier: "standard",
    };
    const snake = {
      generation_config: {
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        candidate_count: 2,
        max_output_tokens: 100,
        stop_sequences: ["END"],
        seed: 7,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        response_logprobs: true,
        logprobs: 3,
        response_mime_type: "application/json",
        response_modalities: ["TEXT", "AUDIO"],
        thinking_config: { thinking_budget: 1000, include_thoughts: true },
        speech_config: { voice_config: { prebuilt_voice_config: { voice_name: "Kore" } } },
      },
      service_tier: "standard",
    };
    expect(read(snake)).toEqual(read(camel));
    expect(read(camel)).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      choices: 2,
      maxOutputTokens: 100,
      stop: ["END"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: { top: 3 },
      output: { kind: "json" },
      modalities: ["text", "audio"],
      reasoning: { effort: null, budgetTokens: 1000, includeText: true },
      audioOutput: { voice: "Kore", format: "pcm16" },
      serviceTier: "default",
      extras: {},
      foreign: [],
    });
  });

  it.each([
    [{ thinkingBudget: 0 }, { effort: "none", budgetTokens: null, includeText: false }],
    [{ thinkingBudget: -1 }, { effort: null, budgetTokens: null, includeText: false }],
    [{ thinkingLevel: "HIGH" }, { effort: "high", budgetTokens: null, includeText: false }],
    [{ includeThoughts: true }, { effort: null, budgetTokens: null, includeText: true }],
  ])("of thinking: %j is %j", (thinkingConfig, reasoning) => {
    expect(read({ generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
  });

  it.each([
    [{ mode: "AUTO" }, { kind: "auto" }],
    [{ mode: "NONE" }, { kind: "none" }],
    [{ mode: "ANY" }, { kind: "required" }],
    [
      { mode: "any", allowed_function_names: ["a"] },
      { kind: "tool", name: "a" },
    ],
    [
      { mode: "ANY", allowedFunctionNames: ["a", "b"] },
      { kind: "allowed", mode: "required", names: ["a", "b"] },
    ],
    [
      { mode: "VALIDATED", allowedFunctionNames: ["a"] },
      { kind: "allowed", mode: "auto", names: ["a"] },
    ],
    [{ mode: "VALIDATED" }, { kind: "auto" }],
    [{ mode: "MODE_UNSPECIFIED" }, null],
  ])("of calling: %j is %j", (functionCallingConfig, choice) => {
    const tools = [{ functionDeclarations: [{ name: "a" }] }, { functionDeclarations: [{ name: "b" }] }];
    expect(read({ tools, toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice);
  });
});

describe("a schema", () => {
  it.each([
    [{ type: "STRING", nullable: true }, { type: ["string", "null"] }],
    [
      { type: "STRING", format: "enum", enum: ["a"] },
      { type: "string", enum: ["a"] },
    ],
    [
      { type: "STRING", enum: ["a"], nullable: true },
      { type: ["string", "null"], enum: ["a", null] },
    ],
    [
      { type: "ARRAY", items: { type: "INTEGER" }, min_items: "2" },
      { type: "array", items: { type: "integer" }, minItems: 2 },
    ],
    [
      { any_of: [{ type: "STRING" }, { type: "NUMBER" }], nullable: true },
      { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }] },
    ],
    [{ type: ["string", "null"] }, { type: ["string", "null"] }],
    [{ type: "TYPE_UNSPECIFIED", example: 5 }, { examples: [5] }],
    [
      {
        type: "object",
        properties: { a_b: { $ref: "#/$defs/X" } },
        $defs: { X: { type: "STRING" } },
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { a_b: { $ref: "#/$defs/X" } },
        $defs: { X: { type: "string" } },
        additionalProperties: false,
      },
    ],
  ])("%j is %j", (openApi, schema) => {
    expect(readSchema(openApi)).toEqual(schema);
  });

  it("has its properties in the order that it asks for", () => {
    const schema = readSchema({
      type: "OBJECT",
      properties: { a: { type: "STRING" }, b: { type: "STRING" }, c: { type: "STRING" } },
      propertyOrdering: ["c", "a"],
    });
    expect(Object.keys(schema.properties as object)).toEqual(["c", "a", "b"]);
  });
});
