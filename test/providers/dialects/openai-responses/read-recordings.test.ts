// Every recorded request of the responses API is read, and means the same after it was sent anew.
import { describe, expect, it } from "vitest";
import { openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { recordedProviders, recordings } from "../../../support/recordings.ts";
import { encode } from "./reading.ts";

describe("a recorded request", () => {
  const requests = recordedProviders()
    .flatMap((provider) => recordings(provider, { dialect: "openai-responses", hasRequest: true }))
    .filter(({ status, request }) => status === 200 && request !== null && "input" in request);
  const stored = ["previous_response_id", "conversation", "prompt"];

  it("is one of many", () => expect(requests.length).toBeGreaterThan(100));

  it.each(requests.map((recording) => [`${recording.provider} ${recording.name}`, recording] as const))(
    "%s is read, and means the same after it was sent anew",
    (_name, { request }) => {
      const conversation = openaiResponsesServer.read(request ?? {});
      if (!("messages" in conversation)) {
        expect([...stored, "background"]).toContain(conversation.param);
        return;
      }
      const { body, unsupported } = encode(conversation);
      const lost = [...(conversation.foreign ?? []), ...unsupported].filter(({ droppable }) => !droppable);
      if (lost.length > 0) {
        expect(lost.map(({ member }) => member)).toContainEqual(expect.stringMatching(/^(input|messages)\[/));
        return;
      }
      const again = openaiResponsesServer.read(body);
      // Instructions become an item, plain reasoning stays with its own vendor, and what is OpenAI's alone is not sent.
      const { foreign, extras, ...meant } = conversation;
      const messages = conversation.messages.map((message) =>
        message.role === "assistant"
          ? { ...message, content: message.content.filter((part) => part.type !== "reasoning" || part.encrypted) }
          : message,
      );
      const parallelToolCalls = meant.tools.length === 0 ? null : meant.parallelToolCalls;
      expect(again).toMatchObject({ ...meant, messages, parallelToolCalls, extras: {} });
    },
  );
});
