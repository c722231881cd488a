// Every recorded answer of the Converse API is read as a plain reading of its JSON reads it.
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";
import { recordings } from "../../../support/recordings.ts";
import { accumulate } from "../anthropic-messages/support/events.ts";
import { bodyOf, frames } from "./support/messages.ts";
import { finishes, readBlocks, readStream, type Said, type Wire } from "./support/plain.ts";

const dialect = "bedrock-converse";
const wholes = recordings("bedrock", { dialect, stream: false, failed: false });
const streams = recordings("bedrock", { dialect, stream: true });
const failures = recordings("bedrock", { dialect, failed: true });

function summary(parts: readonly AssistantPart[]): Said {
  return {
    text: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
    reasoning: parts.map((part) => (part.type === "reasoning" ? part.text : "")).join(""),
    signatures: parts.flatMap((part) => (part.type === "reasoning" && part.signature ? [part.signature.value] : [])),
    redacted: parts.flatMap((part) => (part.type === "reasoning" && part.encrypted ? [part.encrypted.value] : [])),
    calls: parts.flatMap((part) =>
      part.type === "tool-call" ? [{ id: part.id, name: part.name, input: JSON.parse(part.arguments) }] : [],
    ),
  };
}

function expectUsage(usage: Usage | null, wire: Wire | undefined): void {
  if (wire === undefined) {
    expect(usage).toBeNull();
    return;
  }
  expect(usage).not.toBeNull();
  if (usage === null) return;
  expect(totalInput(usage) + totalOutput(usage)).toBe(wire.totalTokens);
  expect(totalOutput(usage)).toBe(wire.outputTokens);
  expect(usage.cachedInputTokens).toBe(wire.cacheReadInputTokens);
  expect(usage.cacheWriteTokens).toBe(wire.cacheWriteInputTokens);
}

function decodeAll(body: Uint8Array, cuts: readonly number[] = []) {
  const framer = bedrockConverse.framer?.();
  if (framer === undefined) throw new Error("the dialect has no framer");
  const decoder = bedrockConverse.stream();
  const edges = [0, ...cuts, body.length];
  const pieces = edges.slice(1).map((end, n) => body.subarray(edges[n], end));
  const all = [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()];
  const events = [...all.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
  return { ...accumulate(events), decoderUsage: decoder.usage };
}

describe("recorded answers", () => {
  it("are all here", () => {
    expect({ wholes: wholes.length, streams: streams.length, failures: failures.length }).toEqual({
      wholes: 53,
      streams: 26,
      failures: 4,
    });
  });

  it.each(wholes.map((recording) => [recording.name, recording] as const))("%s is read whole", (_name, recording) => {
    const wire = JSON.parse(recording.response) as Wire;
    const decoded = bedrockConverse.decode(wire) as Completion;
    const [choice] = decoded.choices;
    expect(decoded.choices).toHaveLength(1);
    expect(summary(choice?.content ?? [])).toEqual(readBlocks(wire.output.message.content));
    expect(choice?.rawFinish).toBe(wire.stopReason);
    expect(choice?.finish).toBe(finishes[wire.stopReason]);
    expect(decoded.serviceTier).toBe(wire.serviceTier?.type ?? null);
    expectUsage(decoded.usage, wire.usage);
    expect(bedrockConverse.usage(wire)).toEqual(decoded.usage);
  });

  it.each(streams.map((recording) => [recording.name, recording] as const))(
    "%s is read as a stream",
    (_name, recording) => {
      const { blocks, stop, metadata } = readStream(recording);
      const decoded = decodeAll(bodyOf(recording));
      expect(decoded.failure).toBeNull();
      expect(summary(decoded.content)).toEqual(readBlocks(blocks));
      expect(decoded.rawFinish).toBe(stop?.stopReason);
      expect(decoded.finish).toBe(finishes[stop?.stopReason]);
      expectUsage(decoded.usage, metadata?.usage);
      expect(decoded.decoderUsage).toEqual(decoded.usage);
    },
  );

  it("are the same when a stream is cut at every byte", () => {
    const short = streams.toSorted((a, b) => bodyOf(a).length - bodyOf(b).length).slice(0, 6);
    for (const recording of short) {
      const body = bodyOf(recording);
      const whole = decodeAll(body);
      for (let at = 1; at < body.length; at += 1) {
        const cut = decodeAll(body, [at]);
        if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut).toEqual(whole);
      }
    }
    expect(short).toHaveLength(6);
  });

  it("are failures when a stream ends at any byte before its stop", () => {
    const recording = streams.find(({ name }) => name === "amazon-bedrock-amazon-bedrock-json-tool.1.chunks");
    if (recording === undefined) throw new Error("the recording is gone");
    const body = bodyOf(recording);
    const stopAt = body.indexOf("messageStop");
    for (let at = 0; at < stopAt; at += 1) {
      expect(decodeAll(body.subarray(0, at)).failure?.kind, `cut at ${at}`).toBe("protocol");
    }
  });

  it.each(failures.map((recording) => [recording.name, recording] as const))("%s is a failure", (_name, recording) => {
    const body = JSON.parse(recording.response) as Wire;
    const failure = bedrockConverse.error(recording.status, (name) => recording.responseHeaders[name] ?? null, body);
    expect(failure.message).toBe(body.message);
    expect(failure.status).toBe(recording.status);
    expect({ kind: failure.kind }).toEqual({
      kind:
        recording.name === "bedrock-converse-error"
          ? "authentication"
          : recording.name.includes("suggestion")
            ? "not_found"
            : "bad_request",
    });
    expect(bedrockConverse.decode(body)).toMatchObject({ kind: expect.any(String), message: body.message });
  });

  it("are watched to their end", () => {
    for (const recording of streams) {
      const watcher = bedrockConverse.watch();
      const kinds = frames(bodyOf(recording)).map((frame) => watcher.glance(frame).kind);
      expect(kinds).not.toContain("error");
      expect(kinds).toContain("content");
      expect(watcher.ended).toBe(true);
      expect(watcher.usage).toEqual(decodeAll(bodyOf(recording)).usage);
    }
  });
});
