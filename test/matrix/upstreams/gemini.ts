// The Gemini API as a scripted model writes it (docs "generateContent", "Thought signatures"): calls have no ids, and the
// signature of a turn's reasoning stands on its first call, or on its text where it calls nothing.
import type { JsonObject } from "../../support/recordings.ts";
import { data, halves, joined, object, objects, type Said, type Turn, textsOf, userTurns, type Wire } from "./said.ts";

export const geminiWire: Wire = {
  dialect: "gemini",
  model: "google/gemini-2.5-flash",
  streamType: "text/event-stream",
  form: ({ path }) =>
    path.includes(":streamGenerateContent") ? "stream" : path.includes(":generateContent") ? "whole" : null,
  whole: (said) => chunk([...thoughts(said), ...texts(said, [said.text]), ...calls(said)], said),
  stream: (said) => {
    const halved = said.reasoning === null ? [] : halves(said.reasoning.text).map((text) => ({ text, thought: true }));
    const parts = [...halved, ...texts(said, said.text === "" ? [] : halves(said.text)), ...calls(said)];
    return parts.map((part, at) => data(at === parts.length - 1 ? chunk([part], said) : chunk([part], null))).join("");
  },
  signature: "CqcBAVSoXO4c2lnbmF0dXJlLW9mLXRoZS1tb2Rl",
  lacks: {},
  asked: (body) => {
    const generation = object(body.generationConfig);
    return {
      system: textsOf(object(body.systemInstruction).parts),
      maxTokens: generation.maxOutputTokens ?? null,
      reasons: Number(object(generation.thinkingConfig).thinkingBudget) > 0,
      tools: objects(body.tools)
        .flatMap(({ functionDeclarations }) => objects(functionDeclarations))
        .map((tool) => ({
          name: tool.name ?? null,
          description: tool.description ?? null,
          parameters: object(tool.parametersJsonSchema ?? tool.parameters),
        })),
      turns: joined(objects(body.contents).flatMap(turnsOf)),
    };
  },
};

function chunk(parts: readonly JsonObject[], ending: Said | null): JsonObject {
  return {
    candidates: [
      { content: { role: "model", parts }, index: 0, ...(ending === null ? {} : { finishReason: "STOP" as const }) },
    ],
    ...(ending === null ? {} : { usageMetadata: usage(ending) }),
    modelVersion: "gemini-2.5-flash",
    responseId: "scripted",
  };
}

function thoughts({ reasoning }: Said): readonly JsonObject[] {
  return reasoning === null ? [] : [{ text: reasoning.text, thought: true }];
}

function texts(said: Said, pieces: readonly string[]): readonly JsonObject[] {
  const signed = said.reasoning !== null && said.calls.length === 0;
  return pieces
    .filter((text) => text !== "")
    .map((text, at, all) => ({
      text,
      ...(signed && at === all.length - 1 ? { thoughtSignature: said.reasoning?.signature ?? "" } : {}),
    }));
}

function calls(said: Said): readonly JsonObject[] {
  return said.calls.map(({ name, arguments: args }, at) => ({
    functionCall: { name, args },
    ...(at === 0 && said.reasoning !== null ? { thoughtSignature: said.reasoning.signature } : {}),
  }));
}

function usage({ usage: { input, cached, output, reasoning } }: Said): JsonObject {
  return {
    promptTokenCount: input + cached,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output,
    thoughtsTokenCount: reasoning,
    totalTokenCount: input + cached + output + reasoning,
  };
}

/** Thoughts do not come back (docs "Thought signatures"): their signature does, on the part that carried it. */
function turnsOf({ role, parts }: JsonObject): readonly Turn[] {
  const all = objects(parts);
  if (role === "model") {
    const calls = all.flatMap((part) => (part.functionCall === undefined ? [] : [object(part.functionCall)]));
    return [
      {
        by: "model",
        reasoning: textsOf(all.filter((part) => part.thought === true)),
        signature: all.map(({ thoughtSignature }) => thoughtSignature ?? "").join(""),
        text: textsOf(all.filter((part) => part.thought !== true)),
        calls: calls.map(({ name, args }) => ({ name: name ?? null, arguments: args ?? null })),
      },
    ];
  }
  const images = all.flatMap(({ inlineData }) => {
    const { mimeType, data: bytes } = object(inlineData);
    return inlineData === undefined ? [] : [`${mimeType};${bytes}`];
  });
  const results = all.flatMap(({ functionResponse }) => {
    const { name = null, response } = object(functionResponse);
    const text = String(object(response).output ?? object(response).result ?? JSON.stringify(response));
    return functionResponse === undefined ? [] : [{ of: name, text }];
  });
  return userTurns(results, textsOf(parts), images);
}
