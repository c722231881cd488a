// The framer of AWS event streams gives the same messages wherever a body is cut, and notices every spoiled byte.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { corruptStream, EventStreamFramer } from "../../../../providers/dialects/bedrock-converse/eventstream.ts";
import { recordings } from "../../../support/recordings.ts";
import { bodyOf, event, exception, frames, message } from "./support/messages.ts";

const seen = (all: ReturnType<typeof frames>) =>
  all.map(({ kind, event: name, data }) => ({ kind, event: name, data }));
const small = Buffer.concat([
  event("messageStart", { role: "assistant" }),
  event("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Grüße 👋" }, p: "abc" }),
  exception("throttlingException", "slow down"),
]);

describe("the framer", () => {
  it("reads events and exceptions by name", () => {
    expect(seen(frames(small))).toEqual([
      { kind: "event", event: "messageStart", data: '{"role":"assistant"}' },
      {
        kind: "event",
        event: "contentBlockDelta",
        data: '{"contentBlockIndex":0,"delta":{"text":"Grüße 👋"},"p":"abc"}',
      },
      { kind: "event", event: "exception:throttlingException", data: '{"message":"slow down"}' },
    ]);
  });

  it("reads an error, which has no payload", () => {
    const error = message(
      [
        { name: ":message-type", value: "error" },
        { name: ":error-code", value: "InternalFailure" },
        { name: ":error-message", value: "oh" },
      ],
      "",
    );
    expect(seen(frames(error))).toEqual([
      { kind: "event", event: "exception:InternalFailure", data: '{"message":"oh"}' },
    ]);
  });

  it("passes over headers of every other type", () => {
    const lengths = [0, 0, 1, 2, 4, 8, null, null, 8, 16];
    const others = lengths.flatMap((length, type) =>
      type === 7
        ? []
        : [{ name: `h${type}`, value: { type, bytes: Buffer.alloc(length ?? 5, length === null ? 0 : 9) } }],
    );
    // A header of bytes has a length of 2 bytes, here 3.
    const blob = { name: "h6", value: { type: 6, bytes: Buffer.from([0, 3, 1, 2, 3]) } };
    const headers = [...others.filter(({ name }) => name !== "h6"), blob, { name: ":event-type", value: "known" }];
    expect(seen(frames(message(headers, "{}")))).toEqual([{ kind: "event", event: "known", data: "{}" }]);
  });

  it("gives the same frames when a body is cut at any byte, and when it comes byte by byte", () => {
    const whole = seen(frames(small));
    for (let at = 0; at <= small.length; at += 1) {
      expect(seen(frames(small.subarray(0, at), small.subarray(at)))).toEqual(whole);
    }
    expect(seen(frames(...[...small].map((byte) => Uint8Array.of(byte))))).toEqual(whole);
  });

  it("gives the same frames of every recording however it is cut, and every byte of it in their raws", () => {
    const streams = recordings("bedrock", { stream: true });
    expect(streams.length).toBeGreaterThan(25);
    for (const recording of streams) {
      if (!recording.response.startsWith("base64:") && recording.dialect !== "bedrock-converse") continue;
      const body = bodyOf(recording);
      const whole = frames(body);
      expect(Buffer.concat(whole.map(({ raw }) => raw)).equals(body)).toBe(true);
      expect(whole.every(({ event: name }) => name !== null && name !== corruptStream)).toBe(true);
      fc.assert(
        fc.property(fc.array(fc.nat(body.length), { maxLength: 12 }), (cuts) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), body.length];
          const pieces = edges.slice(1).map((end, n) => body.subarray(edges[n], end));
          expect(seen(frames(...pieces))).toEqual(seen(whole));
        }),
        { numRuns: 10 },
      );
    }
  });

  it("reads what was written, whatever it is", () => {
    const headers = fc.array(
      fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }).map((name) => `x${name}`), value: fc.string() }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(headers, fc.string({ unit: "grapheme" })), { maxLength: 5 }), (all) => {
        const body = Buffer.concat(
          all.map(([extra, payload], n) => message([...extra, { name: ":event-type", value: `e${n}` }], payload)),
        );
        expect(seen(frames(body))).toEqual(
          all.map(([, payload], n) => ({ kind: "event", event: `e${n}`, data: payload })),
        );
      }),
    );
  });

  it("notices any byte that was changed, says so once, and reads nothing after it", () => {
    const body = Buffer.concat([event("messageStart", { role: "assistant" }), event("messageStop", {})]);
    for (let at = 0; at < body.length; at += 1) {
      const spoiled = Buffer.from(body);
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x20;
      const names = frames(spoiled).map(({ event: name }) => name);
      expect(names.at(-1)).toBe(corruptStream);
      expect(names.filter((name) => name === corruptStream)).toHaveLength(1);
    }
  });

  it("says that a body ended within a message, wherever it did", () => {
    const body = event("messageStart", { role: "assistant" });
    for (let at = 1; at < body.length; at += 1) {
      expect(frames(body.subarray(0, at)).map(({ event: name }) => name)).toEqual([corruptStream]);
    }
    expect(frames()).toEqual([]);
  });

  it("gives up on a message that is larger than allowed as soon as its length is known", () => {
    const framer = new EventStreamFramer({ maxFrameBytes: 100 });
    const big = event("contentBlockDelta", { delta: { text: "x".repeat(200) } });
    expect(framer.push(big.subarray(0, 12)).map(({ kind }) => kind)).toEqual(["oversize"]);
    expect(framer.push(big.subarray(12))).toEqual([]);
    expect(framer.end()).toEqual([]);
  });

  it("refuses lengths that contradict each other", () => {
    const prelude = Buffer.alloc(8);
    prelude.writeUInt32BE(16, 0);
    prelude.writeUInt32BE(400, 4);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(0);
    expect(frames(Buffer.concat([prelude, sum, Buffer.alloc(4)])).map(({ event: name }) => name)).toEqual([
      corruptStream,
    ]);
  });
});
