// Every recorded answer of Cohere's Chat API is read as a plain reading of its JSON reads it.
import { describe, expect, it } from "vitest";
import { cohereChat } from "../../../../providers/dialects/cohere/index.ts";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";
import { SseFramer } from "../../../../src/gateway/sse.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";
import { accumulate, framesOf } from "../anthropic-messages/support/events.ts";
import { finishes, readStream, said, type Wire, type WireUsage } from "./plain.ts";

const dialect = "cohere";
/** Recordings of other endpoints (embeddings, tokens) that the source filed under this dialect. */
const isChat = ({ path }: Recording) => path === null || path === "/v2/chat";
const wholes = recordings("cohere", { dialect, stream: false, failed: false }).filter(isChat);
const streams = recordings("cohere", { dialect, stream: true }).filter(isChat);
const failures = recordings("cohere", { failed: true });
const others = recordings("cohere", { dialect }).filter((recording) => !isChat(recording));

function summary(parts: readonly AssistantPart[]) {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return {
    text,
    reasoning: parts.map((part) => (part.type === "reasoning" ? part.text : "")).join(""),
    calls: parts.flatMap((part) =>
      part.type === "tool-call" ? [{ id: part.id, name: part.name, input: JSON.parse(part.arguments) }] : [],
    ),
    // Each citation's place in the text holds the words that it cites.
    cited: parts.flatMap((part) =>
      part.type === "text"
        ? (part.citations ?? []).map(({ startIndex, endIndex }) => text.slice(startIndex, endIndex))
        : [],
    ),
  };
}

function expectUsage(usage: Usage | null, wire: WireUsage | undefined): void {
  expect(usage === null).toBe(wire === undefined);
  if (usage === null || wire === undefined) return;
  expect(totalInput(usage)).toBe(wire.tokens.input_tokens + (wire.tokens.image_tokens ?? 0));
  expect(totalOutput(usage)).toBe(wire.tokens.output_tokens);
  expect(usage.cachedInputTokens).toBe(wire.cached_tokens);
}

function decodeAll(body: Uint8Array, cut = body.length) {
  const framer = new SseFramer();
  const decoder = cohereChat.stream();
  const all = [...framer.push(body.subarray(0, cut)), ...framer.push(body.subarray(cut)), ...framer.end()];
  const events = all.filter(({ kind }) => kind === "event").flatMap((frame) => decoder.push(frame));
  return { ...accumulate([...events, ...decoder.end()]), decoderUsage: decoder.usage };
}

describe("recorded answers", () => {
  it("are all here; left out are those of other endpoints", () => {
    expect(others.map(({ path }) => path).toSorted()).toEqual(["/v1/tokenize", "/v2/embed", "/v2/embed", "/v2/embed"]);
    expect({ wholes: wholes.length, streams: streams.length, failures: failures.length }).toEqual({
      wholes: 25,
      streams: 8,
      failures: 3,
    });
  });

  it.each(wholes.map((recording) => [recording.name, recording] as const))("%s is read whole", (_name, recording) => {
    const wire = JSON.parse(recording.response) as Wire;
    const decoded = cohereChat.decode(wire) as Completion;
    const [choice] = decoded.choices;
    expect(summary(choice?.content ?? [])).toEqual(said(wire.message));
    expect(decoded.id).toBe(wire.id);
    expect(choice).toMatchObject({ rawFinish: wire.finish_reason, finish: finishes[wire.finish_reason] });
    expectUsage(decoded.usage, wire.usage);
    expect(cohereChat.usage(wire as unknown as Record<string, unknown>)).toEqual(decoded.usage);
  });

  it.each(streams.map((recording) => [recording.name, recording] as const))(
    "%s is read as a stream",
    (_name, recording) => {
      const wire = readStream(recording.response);
      const decoded = decodeAll(Buffer.from(recording.response));
      expect(decoded.failure).toBeNull();
      expect(summary(decoded.content)).toEqual(said(wire.message));
      expect(decoded).toMatchObject({
        id: wire.id,
        rawFinish: wire.finish_reason,
        finish: finishes[wire.finish_reason],
      });
      expectUsage(decoded.usage, wire.usage);
      expect(decoded.decoderUsage).toEqual(decoded.usage);
    },
  );

  it("are the same when a stream is cut at every byte, and failures when it ends before its end", () => {
    for (const recording of streams.filter(({ response }) => response.length < 3_000)) {
      const body = Buffer.from(recording.response);
      const whole = JSON.stringify(decodeAll(body));
      const endAt = body.indexOf("event: message-end");
      for (let at = 1; at < body.length; at += 1) {
        if (JSON.stringify(decodeAll(body, at)) !== whole)
          throw new Error(`${recording.name} differs when cut at ${at}`);
        if (at < endAt && at % 7 === 0) expect(decodeAll(body.subarray(0, at)).failure?.kind).toBe("protocol");
      }
    }
  });

  it("are watched to their end", () => {
    for (const recording of streams) {
      const watcher = cohereChat.watch();
      const kinds = framesOf(recording.response).map((frame) => watcher.glance(frame).kind);
      expect(kinds[0]).toBe("preamble");
      expect(kinds).toContain("content");
      expect(watcher.ended).toBe(true);
      expect(watcher.usage).toEqual(decodeAll(Buffer.from(recording.response)).usage);
    }
  });

  it.each(failures.map((recording) => [recording.name, recording] as const))("%s is a failure", (_name, recording) => {
    const body = JSON.parse(recording.response) as { readonly message: string; readonly error_type?: string };
    expect(cohereChat.error(recording.status, () => null, body)).toMatchObject({
      kind: recording.status === 404 ? "not_found" : "context_length",
      message: body.message,
      code: body.error_type ?? null,
      status: recording.status,
    });
  });
});
