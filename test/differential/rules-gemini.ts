// When two Gemini generateContent requests are the same.
import type { Json, JsonObject } from "../support/recordings.ts";
import { toCamelCase } from "../support/to-openai-chat/protojson.ts";
import { mergeTurns, objects, type Rule, replaced, unless } from "./rules.ts";

/** Applied in order to the recorded request and to the one that Turnpike sent. */
export const geminiRules: readonly Rule[] = [
  {
    rule: "members have the names of the API reference",
    reason: "ProtoJSON accepts snake_case too, and a single value where a list is meant",
    apply: toCamelCase,
  },
  {
    rule: "members that say the default are left out",
    reason: "API reference: `responseModalities` (TEXT), function calling `mode` (AUTO), empty messages",
    apply: (body) =>
      replaced(body, {
        generationConfig: (value) =>
          emptyToAbsent(
            replaced(value as JsonObject, {
              responseModalities: unless((modalities) => JSON.stringify(modalities) === '["TEXT"]'),
            }),
          ),
        toolConfig: unless((value) => JSON.stringify(value) === '{"functionCallingConfig":{"mode":"AUTO"}}'),
      }),
  },
  {
    rule: "a system instruction has no role, and no part without text",
    reason: "API reference, `systemInstruction`: text only, the role is ignored",
    apply: (body) =>
      replaced(body, {
        systemInstruction: (value) => {
          const parts = objects((value as JsonObject).parts).filter(({ text }) => text !== "");
          return parts.length === 0 ? undefined : { parts };
        },
      }),
  },
  {
    rule: "consecutive turns of one role are one turn, and a turn without a role is the user's",
    reason: "API reference, `Content`: turns are read in order; the role defaults to the user",
    apply: (body) =>
      replaced(body, {
        contents: (value) =>
          mergeTurns(
            objects(value).map((turn) => ({ ...turn, role: turn.role ?? "user", parts: objects(turn.parts) })),
            "parts",
          ),
      }),
  },
  {
    rule: "function calls and their responses are paired by position",
    reason: "API reference, `FunctionCall.id`: optional; where there is none, the n-th response answers the n-th call",
    apply: (body) => replaced(body, { contents: (value) => numberCalls(objects(value)) }),
  },
  {
    rule: "bytes are in the standard alphabet of base64",
    reason: "ProtoJSON, `bytes`: both alphabets are accepted, with or without padding",
    apply: (body) =>
      replaced(body, {
        contents: (value) =>
          eachPart(value, (part) =>
            replaced(part, {
              inlineData: standardBase64,
              functionResponse: (response) =>
                replaced(response as JsonObject, {
                  parts: (parts) => objects(parts).map((inner) => replaced(inner, { inlineData: standardBase64 })),
                }),
            }),
          ),
      }),
  },
  {
    rule: "a thinking level is written in small letters",
    reason: "API guide, Thinking: `low`; the SDK sends the name of the enumeration, `LOW`",
    apply: (body) =>
      replaced(body, {
        generationConfig: (value) =>
          replaced(value as JsonObject, {
            thinkingConfig: (thinking) =>
              replaced(thinking as JsonObject, { thinkingLevel: (level) => String(level).toLowerCase() }),
          }),
      }),
  },
  {
    rule: "function schemas are JSON Schema under one name",
    reason: "API reference: `parameters` (OpenAPI, types in capitals) and `parametersJsonSchema` describe the same",
    apply: (body) => replaced(body, { tools: (value) => objects(value).map(withSchemas) }),
  },
  {
    rule: "response schemas are JSON Schema under one name",
    reason: "API reference: `responseSchema` (OpenAPI, types in capitals) and `responseJsonSchema` describe the same",
    apply: (body) =>
      replaced(body, {
        generationConfig: (value) => renamed(value as JsonObject, "responseSchema", "responseJsonSchema"),
      }),
  },
];

function emptyToAbsent(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}

function eachPart(contents: Json, change: (part: JsonObject) => JsonObject): Json {
  return objects(contents).map((turn) => ({ ...turn, parts: objects(turn.parts).map(change) }));
}

/** Gives each call its number as id, and each response the number of the call that it answers. */
function numberCalls(contents: readonly JsonObject[]): Json {
  const calls: { readonly id: Json; readonly name: Json; answered: boolean }[] = [];
  return eachPart(contents, (part) =>
    replaced(part, {
      functionCall: (value) => {
        const call = value as JsonObject;
        calls.push({ id: call.id ?? null, name: call.name ?? null, answered: false });
        return { args: {}, ...call, id: calls.length };
      },
      functionResponse: (value) => {
        const response = value as JsonObject;
        const index = calls.findIndex(
          ({ id, name, answered }) => !answered && (id === null ? name === response.name : id === response.id),
        );
        const call = calls[index];
        if (call !== undefined) call.answered = true;
        return { ...response, id: index + 1 };
      },
    }),
  );
}

function standardBase64(value: Json): Json {
  return replaced(value as JsonObject, {
    data: (data) => Buffer.from(data as string, "base64").toString("base64"),
  });
}

function withSchemas(tool: JsonObject): JsonObject {
  return replaced(tool, {
    functionDeclarations: (value) =>
      objects(value).map((declaration) => renamed(declaration, "parameters", "parametersJsonSchema")),
  });
}

function renamed(object: JsonObject, openApi: string, jsonSchema: string): JsonObject {
  const { [openApi]: schema, ...rest } = object;
  return schema === undefined ? rest : { ...rest, [jsonSchema]: smallTypes(schema) };
}

function smallTypes(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(smallTypes);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema as JsonObject).map(([name, value]): [string, Json] => [
    name,
    name === "type" && typeof value === "string" ? value.toLowerCase() : smallTypes(value),
  ]);
  return Object.fromEntries(entries);
}
