// A recorded request, asked in the chat dialect instead, reaches Anthropic as it was recorded.
import { describe, expect, it } from "vitest";
import { catalogRows } from "../../../../../providers/catalog/rows.ts";
import { traits } from "../../../../../providers/catalog/traits.ts";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import { openaiChatServer } from "../../../../../providers/dialects/openai-chat/index.ts";
import { type JsonObject, type Recording, recordings } from "../../../../support/recordings.ts";
import { toOpenAIChat } from "../../../../support/to-openai-chat.ts";

const rows = catalogRows().filter(({ provider }) => provider === "anthropic");
const recorded = recordings("anthropic", { dialect: "anthropic-messages", hasRequest: true }).filter(
  ({ request }) => typeof request?.max_tokens === "number",
);
const expressible = recorded.flatMap((recording) => {
  const chat = toOpenAIChat(recording);
  return chat.kind === "expressible" ? [{ recording, chat: chat.request }] : [];
});

function sendAgain(recording: Recording, chat: JsonObject) {
  const conversation = openaiChatServer.read(chat);
  if (!("messages" in conversation)) throw new Error(conversation.message);
  const model = recording.model ?? "";
  const facts = rows.find(({ providerModelId }) => providerModelId === model);
  return anthropicMessages.encode(conversation, {
    providerId: "anthropic",
    model,
    traits: facts === undefined ? {} : traits(facts),
  });
}

/** Different ways of the API to write the same become one. */
function canonical(request: Readonly<Record<string, unknown>>): unknown {
  const plain = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
  if (plain.stream === false) delete plain.stream;
  if (typeof plain.system === "string") plain.system = [{ type: "text", text: plain.system }];
  const { type } = (plain.thinking ?? {}) as { type?: string };
  if (type !== undefined && type !== "disabled" && plain.temperature === 1) delete plain.temperature;
  const turns: { role: string; content: unknown[] }[] = [];
  for (const { role, content } of plain.messages as { role: string; content: unknown }[]) {
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks(content));
    else turns.push({ role, content: blocks(content) });
  }
  plain.messages = turns;
  return plain;
}

function blocks(content: unknown): unknown[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return (content as Record<string, unknown>[]).map((block) => {
    if (block.type !== "tool_result") return block;
    const { is_error, content: inner, ...rest } = block;
    return { ...rest, ...(is_error === true && { is_error }), ...(inner !== undefined && { content: blocks(inner) }) };
  });
}

describe("a recorded request", () => {
  it.each(expressible.map(({ recording, chat }) => [recording.name, recording, chat] as const))(
    "is the same after a detour through the chat dialect: %s",
    (_name, recording, chat) => {
      const { body, unsupported } = sendAgain(recording, chat);
      expect(unsupported).toEqual([]);
      expect(canonical(body)).toEqual(canonical({ ...recording.request, stream: recording.stream }));
    },
  );

  it("is looked at where the chat dialect can say it", () => {
    expect(expressible.length).toBeGreaterThan(40);
    console.log(`Anthropic requests by way of the chat dialect: ${expressible.length} of ${recorded.length} recorded`);
  });
});
