// The matrix through `@google/genai`.
import { type Content, type GenerateContentResponse, GoogleGenAI, type Part } from "@google/genai";
import type { JsonObject } from "../../support/recordings.ts";
import { asking, type MatrixClient, type Opened, type Place, type Read } from "./client.ts";

interface Answer {
  readonly parts: readonly Part[];
  /** What came, chunk by chunk: so do the SDK's own chats give it back. */
  readonly contents: readonly Content[];
  readonly last: GenerateContentResponse;
}

export function geminiClient({ url, key }: Place): MatrixClient {
  const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });

  async function ask(model: string, streamed: boolean, contents: Content[]): Promise<Answer> {
    const request = {
      model,
      contents,
      config: {
        systemInstruction: asking.system,
        maxOutputTokens: asking.maxTokens,
        thinkingConfig: { thinkingBudget: asking.thinkingTokens, includeThoughts: true },
        tools: [
          {
            functionDeclarations: asking.tools.map(({ name, description, parameters }) => ({
              name,
              description,
              parametersJsonSchema: parameters,
            })),
          },
        ],
      },
    };
    const answers = streamed ? await models.generateContentStream(request) : [await models.generateContent(request)];
    const came: Content[] = [];
    let last: GenerateContentResponse | null = null;
    for await (const answer of answers) {
      const content = answer.candidates?.[0]?.content;
      if (content?.parts !== undefined && content.parts.length > 0) came.push(content);
      last = answer;
    }
    if (last === null) throw new Error("the stream was empty");
    return { parts: came.flatMap(({ parts = [] }) => parts), contents: came, last };
  }

  async function open(model: string, streamed: boolean): Promise<Opened> {
    const contents: Content[] = [
      {
        role: "user",
        parts: [{ text: asking.text }, { inlineData: { mimeType: asking.image.mediaType, data: asking.image.data } }],
      },
    ];
    const first = await ask(model, streamed, contents);
    return {
      read: read(first),
      reply: async (results) => {
        const answers = first.parts.flatMap(({ functionCall: call }): Part[] =>
          call === undefined
            ? []
            : [
                {
                  functionResponse: {
                    ...(call.id === undefined ? {} : { id: call.id }),
                    name: call.name ?? "",
                    response: { output: results[call.name ?? ""] ?? "" },
                  },
                },
              ],
        );
        return read(await ask(model, streamed, [...contents, ...first.contents, { role: "user", parts: answers }]));
      },
    };
  }
  return { dialect: "gemini", open };
}

function read({ parts, last }: Answer): Read {
  const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
  const textOf = (thought: boolean) =>
    parts
      .filter((part) => (part.thought ?? false) === thought)
      .map(({ text }) => text ?? "")
      .join("");
  const usage = last.usageMetadata;
  if (last.candidates?.[0]?.finishReason !== "STOP") throw new Error("the answer did not end well");
  return {
    reasoning: textOf(true),
    signed: parts.some(({ thoughtSignature }) => (thoughtSignature ?? "") !== ""),
    text: textOf(false),
    calls: calls.map(({ id = "", name = "", args = {} }) => ({ id, name, arguments: args as JsonObject })),
    // Gemini has one word for both.
    finish: calls.length > 0 ? "calls" : "stop",
    usage: {
      input: usage?.promptTokenCount ?? -1,
      cached: usage?.cachedContentTokenCount ?? null,
      output: (usage?.candidatesTokenCount ?? -1) + (usage?.thoughtsTokenCount ?? 0),
      reasoning: usage?.thoughtsTokenCount ?? null,
    },
  };
}
