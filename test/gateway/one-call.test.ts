// A client that asks for one call at most gets one, from a provider that can't be told too, whole and streamed.
import { describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../providers/dialects/anthropic-messages/index.ts";
import { cohereChat } from "../../providers/dialects/cohere/index.ts";
import type { ClientDialect, ServerDialect } from "../../providers/dialects/dialect.ts";
import { gemini } from "../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../providers/dialects/openai-responses/index.ts";
import { TranslatedStreamReader } from "../../src/gateway/read-translated-stream.ts";
import { WholeReader } from "../../src/gateway/read-whole.ts";
import { type Recording, recordings } from "../support/recordings.ts";

const context = { fallbackId: "id", nowS: 1, model: "m", includeUsage: true, request: {} };
const several = ({ expect: found }: Recording) => (found?.tool_calls.length ?? 0) > 1;
const answers: readonly (readonly [string, ClientDialect, Recording])[] = [
  ...recordings("google", { dialect: "gemini", failed: false }).map((one) => [one.name, gemini, one] as const),
  ...recordings("cohere", { dialect: "cohere", failed: false }).map((one) => [one.name, cohereChat, one] as const),
].filter(([, , recording]) => several(recording));
const servers = [openaiChatServer, openaiResponsesServer, anthropicMessagesServer];

/** What a client is sent, as text. */
function told(from: ClientDialect, to: ServerDialect, { response, stream }: Recording, oneCall: boolean): string {
  const reader = stream
    ? new TranslatedStreamReader({ from, to, context, oneCall })
    : new WholeReader({ from, to, context, oneCall, passthrough: false, maxBytes: 1e6 });
  const steps = [reader.push(new TextEncoder().encode(response)), reader.end()];
  expect(steps.flatMap(({ failure }) => failure ?? [])).toEqual([]);
  return steps.flatMap(({ out }) => out).join("") + String(reader.tail(reader.usage, null));
}

/** How many calls an answer holds, by what begins or is one in each dialect. */
function callsIn(text: string, { id }: ServerDialect, stream: boolean): number {
  const marks: Readonly<Record<string, RegExp>> = {
    "openai-chat": /"type":"function"/g,
    "openai-responses": stream
      ? /"type":"response\.output_item\.added"[^\n]*"type":"function_call"/g
      : /"type":"function_call"/g,
    "anthropic-messages": /"type":"tool_use"/g,
  };
  return text.match(marks[id] ?? /$^/g)?.length ?? 0;
}

describe.each(servers.map((server) => ({ id: server.id, server })))("a client of $id", ({ server }) => {
  it.each(answers)("gets the first call alone of %s", (_name, from, recording) => {
    expect(callsIn(told(from, server, recording, false), server, recording.stream)).toBeGreaterThan(1);
    const text = told(from, server, recording, true);
    expect(callsIn(text, server, recording.stream)).toBe(1);
    const [first, second] = recording.expect?.tool_calls ?? [];
    expect(text).toContain(`"name":"${first?.name}"`);
    if (second?.name !== first?.name) expect(text).not.toContain(`"name":"${second?.name}"`);
  });
});

it("there are recordings of several calls in both dialects, whole and streamed", () => {
  const kinds = new Set(answers.map(([, { id }, { stream }]) => `${id} ${stream ? "streamed" : "whole"}`));
  expect([...kinds].toSorted()).toEqual(["cohere streamed", "cohere whole", "gemini streamed", "gemini whole"]);
});
