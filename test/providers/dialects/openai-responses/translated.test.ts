// Every recorded stream of the other dialects, told to a client of this one: in order, complete, and come back whole.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../providers/dialects/anthropic-messages/index.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import type { ClientDialect } from "../../../../providers/dialects/dialect.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";
import { collect } from "../openai-chat/collect.ts";
import { framesOf } from "../openai-chat/frames.ts";
import { disorder, eventsIn, lastResponse } from "./event-order.ts";
import { context } from "./neutral.ts";

const sources: readonly (readonly [provider: string, dialect: string, client: ClientDialect])[] = [
  ["openai", "openai-chat", openaiChat()],
  ["anthropic", "anthropic-messages", anthropicMessages],
  ["google", "gemini", gemini],
  ["vertex", "gemini", gemini],
];
const all = sources.flatMap(([provider, dialect, client]) =>
  recordings(provider, { dialect, stream: true, failed: false }).map(
    (recording) => [`${provider} ${recording.name}`, recording, client] as const,
  ),
);

function translated(recording: Recording, client: ClientDialect) {
  const decoder = client.stream();
  const encoder = openaiResponsesServer.stream(context);
  let text = "";
  const events = [...framesOf(recording.response).map((frame) => decoder.push(frame)), decoder.end()].map((step) => {
    text += encoder.push(step);
    return step;
  });
  return { ...collect(events.flat()), text: text + encoder.end(decoder.usage, { usd: null }) };
}

/** What this dialect can hold of a part: it has no sound, and names sources by URL or file alone. */
function held(part: AssistantPart): AssistantPart[] {
  if (part.type === "output-audio") return part.transcript === "" ? [] : [{ type: "text", text: part.transcript }];
  if (part.type === "tool-call" && part.arguments === "") return [{ ...part, arguments: "{}" }];
  if (part.type !== "text") return [part];
  const { citations, ...rest } = part;
  return [rest];
}

describe("a stream of another dialect", () => {
  it("is one of many", () => expect(all.length).toBeGreaterThan(90));

  it.each(all)("%s is told in order, and comes back with every part and proof", (_name, recording, client) => {
    const { choices, failure, text } = translated(recording, client);
    if (failure !== null) {
      // Recordings that break off: their client side says so.
      expect(failure.message).toMatch(/ended before the model finished|second message inside the first/);
      return;
    }
    const events = eventsIn(text);
    expect(disorder(events)).toEqual([]);
    const { output, status } = lastResponse(events);
    const finish = choices.get(0)?.finish ?? "stop";
    expect(status).toBe(
      { length: "incomplete", "content-filter": "incomplete", error: "failed" }[finish as string] ?? "completed",
    );
    const conversation = openaiResponsesServer.read({
      model: "m",
      input: [{ role: "user", content: "Hi" }, ...output],
    });
    if (!("messages" in conversation)) throw new Error(conversation.message);
    const answer = conversation.messages[1];
    const parts = answer?.role === "assistant" ? answer.content : [];
    expect(parts.flatMap(held)).toEqual((choices.get(0)?.parts ?? []).flatMap(held));
  });

  it.each(all)("%s keeps the sources that this dialect can name", (_name, recording, client) => {
    const { choices, text } = translated(recording, client);
    const named = (choices.get(0)?.parts ?? []).flatMap((part) =>
      part.type === "text" ? (part.citations ?? []).flatMap(({ url, fileId }) => url ?? fileId ?? []) : [],
    );
    const told = eventsIn(text).flatMap(({ type, annotation }) => {
      if (type !== "response.output_text.annotation.added") return [];
      const { url, file_id } = annotation as { url?: string; file_id?: string };
      return url ?? file_id ?? [];
    });
    expect(told).toEqual(named);
  });
});
