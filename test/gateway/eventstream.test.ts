// A provider's binary event stream reaches a client of another dialect whole, however the network cut it.
import { describe, expect, test } from "vitest";
import { bedrockConverse } from "../../providers/dialects/bedrock-converse/index.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/server/index.ts";
import { PassedStreamReader } from "../../src/gateway/read-passed-stream.ts";
import { TranslatedStreamReader } from "../../src/gateway/read-translated-stream.ts";
import { bodyOf, event, exception, frames } from "../providers/dialects/bedrock-converse/support/messages.ts";
import { recordings } from "../support/recordings.ts";
import { cutAt, cutPositions, seeded } from "../support/seed.ts";

const streams = recordings("bedrock", { dialect: "bedrock-converse", stream: true });
const context = { fallbackId: "id", nowS: 1, model: "m", includeUsage: true };

function translate(pieces: readonly Uint8Array[]) {
  const reader = new TranslatedStreamReader({ from: bedrockConverse, to: openaiChatServer, context, oneCall: false });
  const steps = [...pieces.map((piece) => reader.push(piece)), reader.end()];
  const text = steps.flatMap(({ out }) => out).join("") + reader.tail(reader.usage, null);
  return { text, failures: steps.flatMap(({ failure }) => failure ?? []) };
}

/** The words of the chunks that a client of OpenAI's dialect is sent. */
function wordsOf(sse: string): string {
  const chunks = sse
    .split("\n\n")
    .flatMap((frame) => (frame.startsWith("data: {") ? [JSON.parse(frame.slice(6))] : []));
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
}

describe("a binary event stream", () => {
  test("is the same to the client wherever it was cut, and says what it said", () => {
    for (const [seed, recording] of streams.entries()) {
      const body = bodyOf(recording);
      const whole = translate([body]);
      expect(whole.failures).toEqual([]);
      expect(whole.text.endsWith("data: [DONE]\n\n")).toBe(true);
      const said = frames(body).map(({ event: name, data }) =>
        name === "contentBlockDelta" ? (JSON.parse(data).delta.text ?? "") : "",
      );
      expect(wordsOf(whole.text)).toBe(said.join(""));
      expect(translate(cutAt(body, cutPositions(seeded(seed), body.length, 40)))).toEqual(whole);
    }
  });

  test("that holds an exception fails with its kind", () => {
    const { failures } = translate([
      event("messageStart", { role: "assistant" }),
      exception("throttlingException", "slow"),
    ]);
    expect(failures).toMatchObject([{ kind: "rate_limit", message: "slow" }]);
  });

  test("that was spoiled or cut off is a protocol failure", () => {
    const body = bodyOf(streams[0] as (typeof streams)[number]);
    expect(translate([body.subarray(0, body.length - 200)]).failures).toMatchObject([{ kind: "protocol" }]);
    const spoiled = Buffer.from(body);
    spoiled[20] = 0xff;
    expect(translate([spoiled]).failures).toMatchObject([{ kind: "protocol" }]);
  });

  test("is passed through byte for byte up to its metadata, which waits for the end", () => {
    for (const recording of streams) {
      const body = bodyOf(recording);
      const reader = new PassedStreamReader({ dialect: bedrockConverse, server: openaiChatServer, context });
      const out = cutAt(body, cutPositions(seeded(7), body.length, 9)).flatMap((piece) => reader.push(piece).out);
      expect(reader.end().failure).toBeNull();
      const all = frames(body);
      const end = all.findIndex(({ event: name }) => name === "metadata");
      const before = end === -1 ? all : all.slice(0, end);
      expect(Buffer.concat(out.map((piece) => Buffer.from(piece)))).toEqual(
        Buffer.concat(before.map(({ raw }) => raw)),
      );
    }
  });
});
