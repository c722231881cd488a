// A recorded Gemini generateContent request as an OpenAI chat request (Gemini API reference, "Generating content").
import type { Json, JsonObject } from "../recordings.ts";
import { toConversation } from "./gemini-contents.ts";
import { asList, asObject, asText, Inexpressible, only, present } from "./inexpressible.ts";
import { toCamelCase } from "./protojson.ts";

const REQUEST_MEMBERS = ["contents", "systemInstruction", "tools", "toolConfig", "generationConfig"];
const CONFIG_MEMBERS = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "stopSequences",
  "seed",
  "candidateCount",
  "presencePenalty",
  "frequencyPenalty",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "responseModalities",
  "thinkingConfig",
];

/** @throws Inexpressible */
export function fromGemini(recorded: JsonObject): JsonObject {
  const request = toCamelCase(recorded);
  only(request, REQUEST_MEMBERS, "request member");
  const config = asObject(request.generationConfig ?? {});
  only(config, CONFIG_MEMBERS, "generationConfig member");
  const toolConfig = asObject(request.toolConfig ?? {});
  const tools = asList(request.tools).flatMap((tool) => toTools(tool, isValidated(toolConfig)));
  const modalities = (config.responseModalities ?? ["TEXT"]) as readonly string[];
  if (modalities.join() !== "TEXT") throw new Inexpressible(`response modalities ${modalities.join()}`);
  return {
    messages: toConversation(request),
    ...(tools.length === 0 ? {} : { tools }),
    ...toToolChoice(toolConfig),
    ...toReasoning(asObject(config.thinkingConfig ?? {})),
    ...toFormat(config),
    ...present({
      temperature: config.temperature,
      top_p: config.topP,
      top_k: config.topK,
      max_tokens: config.maxOutputTokens,
      stop: config.stopSequences,
      seed: config.seed,
      n: config.candidateCount,
      presence_penalty: config.presencePenalty,
      frequency_penalty: config.frequencyPenalty,
    }),
  };
}

/** "Model predicts either a function call or a natural language response", and the call fits its schema: OpenAI's `strict`. */
function isValidated(toolConfig: JsonObject): boolean {
  return asObject(toolConfig.functionCallingConfig ?? {}).mode === "VALIDATED";
}

function toTools(tool: JsonObject, strict: boolean): readonly JsonObject[] {
  only(tool, ["functionDeclarations"], "server tool");
  return asList(tool.functionDeclarations).map((declaration) => {
    only(declaration, ["name", "description", "parameters", "parametersJsonSchema"], "functionDeclaration member");
    const { parameters } = declaration;
    return {
      type: "function",
      function: {
        name: asText(declaration.name),
        ...present({
          strict: strict ? true : undefined,
          description: declaration.description,
          parameters:
            declaration.parametersJsonSchema ??
            (parameters === undefined ? undefined : toJsonSchema(asObject(parameters))),
        }),
      },
    };
  });
}

/** OpenAPI's types in capitals are JSON Schema's in small letters; what else the subset has is the same in both. */
function toJsonSchema(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).map(([name, value]): [string, Json] => {
    if (name === "type" && typeof value === "string") return [name, value.toLowerCase()];
    if (name === "items") return [name, toJsonSchema(asObject(value))];
    if (name === "anyOf") return [name, asList(value).map(toJsonSchema)];
    if (name === "properties") {
      const properties = Object.entries(asObject(value)).map(([key, inner]) => [key, toJsonSchema(asObject(inner))]);
      return [name, Object.fromEntries(properties) as JsonObject];
    }
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function toToolChoice(toolConfig: JsonObject): JsonObject {
  only(toolConfig, ["functionCallingConfig"], "toolConfig member");
  const calling = asObject(toolConfig.functionCallingConfig ?? {});
  only(calling, ["mode", "allowedFunctionNames"], "functionCallingConfig member");
  const names = (calling.allowedFunctionNames ?? []) as readonly string[];
  switch (calling.mode) {
    case undefined:
      return {};
    case "AUTO":
      return { tool_choice: "auto" };
    case "NONE":
      return { tool_choice: "none" };
    case "VALIDATED":
      if (names.length > 0) return { tool_choice: toAllowed("auto", names) };
      return { tool_choice: "auto" };
    case "ANY":
      return { tool_choice: names.length === 0 ? "required" : toAllowed("required", names) };
    default:
      throw new Inexpressible(`function calling mode ${calling.mode}`);
  }
}

/** OpenAI API reference, `tool_choice`, "Allowed tools" and "Function tool choice". */
function toAllowed(mode: "auto" | "required", names: readonly string[]): JsonObject {
  const functions = names.map((name) => ({ type: "function", function: { name } }));
  const [first, ...others] = functions;
  if (mode === "required" && first !== undefined && others.length === 0) return first;
  return { type: "allowed_tools", allowed_tools: { mode, tools: functions } };
}

function toReasoning(thinking: JsonObject): JsonObject {
  only(thinking, ["includeThoughts", "thinkingBudget", "thinkingLevel"], "thinkingConfig member");
  if (Object.keys(thinking).length === 0) return {};
  const level = thinking.thinkingLevel === undefined ? undefined : asText(thinking.thinkingLevel).toLowerCase();
  const includes = thinking.includeThoughts === true;
  if (level === undefined && thinking.thinkingBudget === undefined)
    return { reasoning: includes ? { exclude: false } : { exclude: true } };
  return { reasoning: { ...present({ effort: level, max_tokens: thinking.thinkingBudget }), exclude: !includes } };
}

function toFormat(config: JsonObject): JsonObject {
  const { responseMimeType, responseSchema, responseJsonSchema } = config;
  if (responseMimeType === undefined || responseMimeType === "text/plain") return {};
  if (responseMimeType !== "application/json") throw new Inexpressible(`response type ${responseMimeType}`);
  const schema =
    responseJsonSchema ?? (responseSchema === undefined ? undefined : toJsonSchema(asObject(responseSchema)));
  if (schema === undefined) return { response_format: { type: "json_object" } };
  return { response_format: { type: "json_schema", json_schema: { name: "answer", schema } } };
}
