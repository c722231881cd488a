// A generated chat as a client of each dialect asks it: written by hand from the vendors' references.
import type { Json, JsonObject } from "../../support/recordings.ts";
import type { Chat, ChatTurn } from "./conversations.ts";

export type ClientDialect = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini";

const parameters: JsonObject = { type: "object", properties: { a: { type: "string" } } };

/** The body of the request, without a model. */
export const written: Readonly<Record<ClientDialect, (chat: Chat) => JsonObject>> = {
  "openai-chat": ({ system, tools, turns }) => ({
    messages: [{ role: "system", content: system }, ...turns.flatMap(openaiMessages)],
    tools: tools.map((name) => ({ type: "function", function: { name, parameters } })),
  }),
  "openai-responses": ({ system, tools, turns }) => ({
    instructions: system,
    input: turns.flatMap(responsesItems),
    tools: tools.map((name) => ({ type: "function", strict: false, name, parameters })),
    store: false,
  }),
  "anthropic-messages": ({ system, tools, turns }) => ({
    max_tokens: 1000,
    system,
    messages: inOneMessage(turns.map(anthropicMessage)),
    tools: tools.map((name) => ({ name, input_schema: parameters })),
  }),
  gemini: ({ system, tools, turns, ids }) => ({
    systemInstruction: { parts: [{ text: system }] },
    contents: turns.map((turn) => geminiContent(turn, ids)),
    tools: [{ functionDeclarations: tools.map((name) => ({ name, parametersJsonSchema: parameters })) }],
  }),
};

function dataUrl(image: string): string {
  return `data:${image.replace(";", ";base64,")}`;
}

function openaiMessages(turn: ChatTurn): readonly JsonObject[] {
  switch (turn.by) {
    case "user": {
      const images = turn.images.map((image) => ({ type: "image_url", image_url: { url: dataUrl(image) } }));
      return [{ role: "user", content: [{ type: "text", text: turn.text }, ...images] }];
    }
    case "model": {
      const calls = turn.calls.map(({ id, name, arguments: args }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      }));
      const content = turn.text === "" ? null : turn.text;
      return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }];
    }
    case "tools":
      return turn.results.map(({ of, text }) => ({ role: "tool", tool_call_id: of.id, content: text }));
  }
}

function responsesItems(turn: ChatTurn): readonly JsonObject[] {
  switch (turn.by) {
    case "user": {
      const images = turn.images.map((image) => ({
        type: "input_image",
        detail: "auto",
        image_url: dataUrl(image),
      }));
      return [{ role: "user", content: [{ type: "input_text", text: turn.text }, ...images] }];
    }
    case "model": {
      const said = turn.text === "" ? [] : [{ role: "assistant", content: turn.text }];
      const calls = turn.calls.map(({ id, name, arguments: args }) => ({
        type: "function_call",
        call_id: id,
        name,
        arguments: JSON.stringify(args),
      }));
      return [...said, ...calls];
    }
    case "tools":
      return turn.results.map(({ of, text }) => ({ type: "function_call_output", call_id: of.id, output: text }));
  }
}

interface Message extends JsonObject {
  readonly role: string;
  readonly content: readonly Json[];
}

function anthropicMessage(turn: ChatTurn): Message {
  switch (turn.by) {
    case "user": {
      const images = turn.images.map((image) => {
        const [media_type = "", data = ""] = image.split(";");
        return { type: "image", source: { type: "base64", media_type, data } };
      });
      return { role: "user", content: [{ type: "text", text: turn.text }, ...images] };
    }
    case "model": {
      const said = turn.text === "" ? [] : [{ type: "text", text: turn.text }];
      const calls = turn.calls.map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input }));
      return { role: "assistant", content: [...said, ...calls] };
    }
    case "tools": {
      const results = turn.results.map(({ of, text }) => ({ type: "tool_result", tool_use_id: of.id, content: text }));
      return { role: "user", content: results };
    }
  }
}

/** What the user says after results stands in the message with them. */
function inOneMessage(messages: readonly Message[]): readonly Message[] {
  const all: Message[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last?.role === message.role) all[all.length - 1] = { ...last, content: [...last.content, ...message.content] };
    else all.push(message);
  }
  return all;
}

function geminiContent(turn: ChatTurn, ids: boolean): JsonObject {
  const known = (id: string): JsonObject => (ids ? { id } : {});
  switch (turn.by) {
    case "user": {
      const images = turn.images.map((image) => {
        const [mimeType = "", data = ""] = image.split(";");
        return { inlineData: { mimeType, data } };
      });
      return { role: "user", parts: [{ text: turn.text }, ...images] };
    }
    case "model": {
      const said = turn.text === "" ? [] : [{ text: turn.text }];
      const calls = turn.calls.map(({ id, name, arguments: args }) => ({ functionCall: { ...known(id), name, args } }));
      return { role: "model", parts: [...said, ...calls] };
    }
    case "tools": {
      const parts = turn.results.map(({ of, text }) => ({
        functionResponse: { ...known(of.id), name: of.name, response: { output: text } },
      }));
      return { role: "user", parts };
    }
  }
}
