// Recorded requests to Gemini: read by the server side and encoded by the client side, they ask the same again.
import { describe, expect, it } from "vitest";
import { generationOf } from "../../../../../providers/dialects/gemini/client/generation.ts";
import { encodeSchema } from "../../../../../providers/dialects/gemini/client/schema.ts";
import { gemini, geminiServer } from "../../../../../providers/dialects/gemini/index.ts";
import { readSchema } from "../../../../../providers/dialects/gemini/server/schema.ts";
import { type JsonObject, type Recording, recordings } from "../../../../support/recordings.ts";
import { snakeCase } from "./reading.ts";

type Body = Record<string, unknown>;

const asked = [...recordings("google"), ...recordings("vertex")].filter(
  ({ dialect, request, status }) => dialect === "gemini" && request !== null && "contents" in request && status < 400,
);

function read(request: JsonObject) {
  const result = geminiServer.read(request);
  if (!("messages" in result)) throw new Error(`${result.param}: ${result.message}`);
  return result;
}

/** Each with what only Google's API can do, by which it could not be translated. */
const subjects = asked.map((recording) => ({
  recording,
  request: recording.request as JsonObject,
  foreign: (read(recording.request as JsonObject).foreign ?? []).map(({ member }) => member),
}));
const whole = subjects.filter(({ foreign }) => foreign.length === 0);
const rest = subjects.filter(({ foreign }) => foreign.length > 0);

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      camel(item),
    ]),
  );
}

function list(value: unknown): Body[] {
  return value === undefined ? [] : ([value].flat() as Body[]);
}

/**
 * A request as both must agree on it. What may differ: contents of one role that follow each other are one turn; ids of calls
 * that had none; the sentinel in place of a signature that is not there; results under `output` or bare; the form of schemas;
 * a text in pieces; modalities and modes that say what is so anyway.
 */
function normal(request: Body, model: string): unknown {
  const body = camel(request) as Body;
  const generation = generationOf(model);
  const { responseSchema, responseJsonSchema, responseModalities, thinkingConfig, ...config } =
    (body.generationConfig ?? {}) as Body;
  const schema = responseJsonSchema ?? (responseSchema === undefined ? undefined : readSchema(responseSchema as Body));
  const tools = list(body.tools).flatMap((tool) => list(tool.functionDeclarations));
  const system = body.systemInstruction as Body | undefined;
  const choice = ((body.toolConfig ?? {}) as Body).functionCallingConfig as Body | undefined;
  return {
    contents: turns(list(body.contents)),
    system: list(system?.parts).map(({ text }) => text),
    tools: tools.map(({ name, description, parameters, parametersJsonSchema }) => {
      const given = parametersJsonSchema ?? (parameters === undefined ? undefined : readSchema(parameters as Body));
      return { name, description: description ?? "", schema: schemaOf(given as Body | undefined, generation) };
    }),
    choice: saysNothing(choice) || tools.length === 0 ? null : choice,
    config,
    schema: schemaOf(schema as Body | undefined, generation),
    modalities: list(responseModalities).filter((modality) => (modality as unknown) !== "TEXT"),
    thinking: JSON.stringify(thinkingConfig ?? null).toLowerCase(),
  };
}

/** `VALIDATED` asks for what each vendor does as well as it can; with names it is more than that. */
function saysNothing(choice: Body | undefined): boolean {
  const { mode, allowedFunctionNames } = choice ?? {};
  return mode === undefined || mode === "AUTO" || (mode === "VALIDATED" && allowedFunctionNames === undefined);
}

function schemaOf(schema: Body | undefined, generation: ReturnType<typeof generationOf>): unknown {
  const encoded = schema === undefined ? {} : encodeSchema(schema, generation).schema;
  const properties = encoded.properties as Body | undefined;
  return properties === undefined || Object.keys(properties).length === 0 ? null : encoded;
}

function turns(contents: readonly Body[]): unknown {
  const all: { role: string; parts: Body[] }[] = [];
  for (const { role, parts } of contents) {
    const name = role === "model" ? "model" : "user";
    const read = list(parts).map(normalPart);
    if (all.at(-1)?.role === name) all.at(-1)?.parts.push(...read);
    else all.push({ role: name, parts: read });
  }
  return all.map((turn) => (turn.role === "model" ? { ...turn, parts: joined(turn.parts) } : turn));
}

/** Pieces of a text, or of a thought, as one. */
function joined(parts: readonly Body[]): readonly Body[] {
  const all: Body[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    const piece = last !== undefined && "text" in last && "text" in part && last.thought === part.thought;
    if (piece && last.signature === undefined && part.signature === undefined) {
      all[all.length - 1] = { ...last, text: `${last.text}${part.text}` };
    } else all.push(part);
  }
  return all;
}

function normalPart({ thoughtSignature, ...part }: Body): Body {
  const signature = thoughtSignature === "skip_thought_signature_validator" ? undefined : thoughtSignature;
  const call = part.functionCall as Body | undefined;
  if (call !== undefined) return { call: call.name, args: call.args ?? {}, signature };
  const result = part.functionResponse as Body | undefined;
  if (result !== undefined)
    return { result: result.name, response: resultOf(result.response as Body), parts: result.parts };
  const { fileData, inlineData, ...others } = part;
  return {
    ...others,
    ...(fileData !== undefined && { fileData }),
    ...(inlineData !== undefined && { inlineData }),
    signature,
  };
}

/** What the API takes for the result (SDK, `FunctionResponse.response`): JSON in a text says the same. */
function resultOf(response: Body): unknown {
  const value = Object.keys(response).join() === "output" ? response.output : response;
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function target(recording: Recording) {
  return { providerId: "google", model: recording.model ?? "gemini-2.5-flash", traits: {} };
}

describe("a recorded request to Gemini", () => {
  it("is one of these", () => {
    const reasons = rest.flatMap(({ foreign }) => foreign.map((member) => member.replace(/\[\d+\]/g, "[]")));
    const counted = Object.fromEntries(
      [...new Set(reasons)].map((why) => [why, reasons.filter((it) => it === why).length]),
    );
    console.log(
      `recorded requests: ${whole.length} translate whole, ${rest.length} do not: ${JSON.stringify(counted)}`,
    );
    expect(whole.length).toBeGreaterThan(60);
  });

  it.each(whole.map((subject) => [subject.recording.name, subject] as const))("asks the same: %s", (_, subject) => {
    const { recording, request } = subject;
    const to = target(recording);
    const { body, unsupported } = gemini.encode(read(request), to);
    expect(unsupported.filter(({ droppable }) => !droppable)).toEqual([]);
    expect(normal(body, to.model)).toEqual(normal(request, to.model));
  });

  it.each(asked.map((recording) => [recording.name, recording] as const))(
    "reads the same in snake case: %s",
    (_, recording) => {
      const request = recording.request as JsonObject;
      const spelled = read(snakeCase(request) as JsonObject);
      const { foreign: _own, ...conversation } = read(request);
      const { foreign: _other, ...other } = spelled;
      expect(other).toEqual(conversation);
    },
  );
});
