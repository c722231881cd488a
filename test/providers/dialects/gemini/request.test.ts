import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../../providers/dialects/conversation.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { google } from "../../../../providers/google.ts";
import { conversation } from "../../../support/neutral/conversations.ts";
import { encoded, functionTool } from "./conversations.ts";

const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const schema = { kind: "json-schema", name: "city", description: null, schema: city, strict: true } as const;

describe("where a request goes", () => {
  const target = { providerId: "google", model: "gemini-2.5-flash", traits: {} };

  it("the model stands in the path, percent-encoded", () => {
    expect(gemini.path(target, { stream: false })).toBe("/models/gemini-2.5-flash:generateContent");
    expect(gemini.path(target, { stream: true })).toBe("/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    expect(gemini.path({ ...target, model: "a/../b:c?d" }, { stream: false })).toBe(
      "/models/a%2F..%2Fb%3Ac%3Fd:generateContent",
    );
  });

  it("the key is in a header and nowhere in the address", async () => {
    const request = {
      method: "POST",
      baseUrl: google.baseUrl,
      path: "/models/m:generateContent",
      headers: {},
      body: "{}",
    } as const;
    const authorised = await google.authorize(request, "secret");
    expect(authorised.headers).toEqual({ "x-goog-api-key": "secret" });
    expect(authorised.baseUrl + authorised.path).not.toContain("secret");
    expect(google.baseUrlEnv).toBe("GOOGLE_BASE_URL");
  });

  it("a client's own Gemini body is passed on unchanged", () => {
    expect(gemini.edits({ contents: [] }, target)).toEqual({ set: {}, remove: [] });
  });
});

describe("settings", () => {
  it("every setting has its place", () => {
    const body = encoded({
      maxOutputTokens: 100,
      temperature: 0,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      stop: ["\n", "END"],
      logprobs: { top: 3 },
      choices: 2,
    }).body;
    expect(body.generationConfig).toEqual({
      candidateCount: 2,
      maxOutputTokens: 100,
      temperature: 0,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      stopSequences: ["\n", "END"],
      responseLogprobs: true,
      logprobs: 3,
    });
  });

  it("what was not asked is not sent", () => {
    expect(Object.keys(encoded({}).body)).toEqual(["contents"]);
    expect(encoded({ logprobs: { top: 0 } }).body.generationConfig).toEqual({ responseLogprobs: true });
  });

  it("the same conversation gives the same bytes", () => {
    const asked = conversation({
      tools: [functionTool("f", city)],
      output: schema,
      reasoning: { effort: "low", budgetTokens: null, includeText: null },
    });
    const target = { providerId: "google", model: "gemini-3-flash-preview", traits: {} };
    expect(JSON.stringify(gemini.encode(asked, target))).toBe(
      JSON.stringify(gemini.encode(structuredClone(asked), target)),
    );
  });

  it.each<[string, Partial<Conversation>]>([
    ["logitBias", { logitBias: { "50256": -100 } }],
    ["verbosity", { verbosity: "low" }],
    ["user", { user: "u-1" }],
    ["serviceTier", { serviceTier: "scale" }],
    ["stop", { stop: ["1", "2", "3", "4", "5", "6"] }],
    ["toolChoice", { toolChoice: { kind: "required" } }],
    ["modalities", { modalities: ["text", "video"] }],
    ["audioOutput.voice", { audioOutput: { voice: { id: "v" } } }],
    ["audioOutput.format", { audioOutput: { voice: "Kore", format: "mp3" } }],
    ["min_p", { extras: { min_p: 0.1 } }],
    ["output", { output: { kind: "json" }, tools: [functionTool("f")] }],
  ])("%s is named as unsupported, and may be dropped", (member, asked) => {
    const { unsupported } = encoded(asked);
    expect(unsupported.map((item) => [item.member, item.droppable])).toEqual([[member, true]]);
    expect(unsupported[0]?.reason).toMatch(/^[a-z]/);
  });

  it.each<[string, Partial<Conversation>]>([
    ["parallel calls as they are by default", { parallelToolCalls: true }],
    ["one call at most, which the gateway sees to,", { parallelToolCalls: false }],
    ["an empty bias", { logitBias: {} }],
    ["text alone", { modalities: ["text"] }],
    ["the account's own tier", { serviceTier: "auto" }],
  ])("%s needs nothing and is not complained of", (_, asked) => {
    expect(encoded(asked)).toMatchObject({ unsupported: [] });
    expect(Object.keys(encoded(asked).body)).toEqual(["contents"]);
  });

  it.each([
    ["default", "standard"],
    ["flex", "flex"],
    ["priority", "priority"],
  ])("the service tier %s is Gemini's %s", (tier, wire) => {
    expect(encoded({ serviceTier: tier }).body.serviceTier).toBe(wire);
  });

  it("Gemini's own members are taken by either spelling", () => {
    const safety = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
    expect(encoded({ extras: { safety_settings: safety, cachedContent: "cachedContents/1" } })).toMatchObject({
      body: { safetySettings: safety, cachedContent: "cachedContents/1" },
      unsupported: [],
    });
  });

  it("pictures and speech are asked for", () => {
    expect(
      encoded({ modalities: ["text", "image", "audio"], audioOutput: { voice: "Kore", format: "pcm16" } }),
    ).toMatchObject({
      body: {
        generationConfig: {
          responseModalities: ["TEXT", "IMAGE", "AUDIO"],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
        },
      },
      unsupported: [],
    });
  });
});

describe("output formats", () => {
  it("JSON is a media type, a schema goes with it", () => {
    expect(encoded({ output: { kind: "json" } }).body.generationConfig).toEqual({
      responseMimeType: "application/json",
    });
    expect(encoded({ output: { ...schema, description: "A place." } }).body.generationConfig).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: { description: "A place.", ...city },
    });
  });

  it("models before Gemini 2 get the OpenAPI form", () => {
    expect(encoded({ output: schema }, "gemini-1.5-pro").body.generationConfig).toEqual({
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
    });
  });

  it("Gemini 3 takes a schema together with tools", () => {
    const { body, unsupported } = encoded({ output: schema, tools: [functionTool("f")] }, "gemini-3-flash-preview");
    expect(unsupported).toEqual([]);
    expect(body.generationConfig).toMatchObject({ responseJsonSchema: city });
  });

  it("a model that is known to have no JSON mode is not asked for it", () => {
    expect(encoded({ output: { kind: "json" } }, "gemma-3-27b-it", { jsonSchema: false })).toMatchObject({
      unsupported: [{ member: "output", droppable: true }],
    });
  });
});

describe("tools", () => {
  it("declarations carry JSON Schema as it is", () => {
    expect(
      encoded({ tools: [functionTool("f", city), { ...functionTool("g"), description: null }] }).body.tools,
    ).toEqual([
      {
        functionDeclarations: [
          { name: "f", description: "Does f.", parametersJsonSchema: city },
          { name: "g", description: "" },
        ],
      },
    ]);
  });

  it("older models get the OpenAPI form, and no parameters where there are none", () => {
    const tools = [functionTool("f", city), functionTool("g", { type: "object", properties: {} })];
    expect(encoded({ tools }, "gemma-4-31b-it").body.tools).toEqual([
      {
        functionDeclarations: [
          {
            name: "f",
            description: "Does f.",
            parameters: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
          },
          { name: "g", description: "Does g." },
        ],
      },
    ]);
  });

  it.each<[Conversation["toolChoice"], object | undefined]>([
    [null, undefined],
    [{ kind: "auto" }, { mode: "AUTO" }],
    [{ kind: "none" }, { mode: "NONE" }],
    [{ kind: "required" }, { mode: "ANY" }],
    [
      { kind: "tool", name: "f" },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [
      { kind: "allowed", mode: "required", names: ["f", "g"] },
      { mode: "ANY", allowedFunctionNames: ["f", "g"] },
    ],
    [
      { kind: "allowed", mode: "auto", names: ["f"] },
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
    ],
  ])("choice %o becomes %o", (toolChoice, functionCallingConfig) => {
    const { toolConfig } = encoded({ tools: [functionTool("f"), functionTool("g")], toolChoice }).body;
    expect(toolConfig).toEqual(functionCallingConfig === undefined ? undefined : { functionCallingConfig });
  });

  it.each<[Conversation["toolChoice"], string]>([
    [null, "VALIDATED"],
    [{ kind: "auto" }, "VALIDATED"],
    [{ kind: "required" }, "ANY"],
  ])("strict tools with choice %o are held to their schema by %s", (toolChoice, mode) => {
    const { toolConfig } = encoded({ tools: [{ ...functionTool("f", city), strict: true }], toolChoice }).body;
    expect(toolConfig).toEqual({ functionCallingConfig: { mode } });
  });
});
