import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RawFrame, SseFramer } from "../../src/gateway/sse.ts";
import { recordedProviders, recordings } from "../support/recordings.ts";
import { cutAt, cutPositions, seeded } from "../support/seed.ts";

const EVERY_POSITION_BELOW_BYTES = 4_000;
/** Of longer bodies a sample: large for three dialects' streams, small for those of further providers, which add no framing. */
const SAMPLED_POSITIONS = { thorough: 2_000, brief: 200 };
const THOROUGH = new Set(["openai", "anthropic", "google"]);
const MULTI_CUTS = 50;

interface PlainFrame {
  readonly kind: string;
  readonly event: string | null;
  readonly data: string;
  readonly raw: string;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

function frame(pieces: readonly Uint8Array[], maxFrameBytes?: number): readonly RawFrame[] {
  const framer = maxFrameBytes === undefined ? new SseFramer() : new SseFramer({ maxFrameBytes });
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()];
}

const plain = (frames: readonly RawFrame[]): readonly PlainFrame[] =>
  frames.map(({ kind, event, data, raw }) => ({ kind, event, data, raw: Buffer.from(raw).toString("latin1") }));

const read = (text: string) =>
  frame([bytesOf(text)]).map(({ kind, event, data }) => (kind === "comment" ? kind : { event, data }));

function expectSameFramesWhereverCut(body: Uint8Array, seed: number, effort: keyof typeof SAMPLED_POSITIONS): void {
  const whole = frame([body]);
  expect(Buffer.concat(whole.map(({ raw }) => raw)).equals(body), "the frames' bytes are the body").toBe(true);
  const random = seeded(seed);
  const singles =
    effort === "thorough" && body.length < EVERY_POSITION_BELOW_BYTES
      ? Array.from({ length: body.length - 1 }, (_, index) => index + 1)
      : cutPositions(random, body.length, SAMPLED_POSITIONS[effort]);
  const expectSame = (positions: readonly number[]) => {
    const cut = frame(cutAt(body, positions));
    if (!sameFrames(cut, whole)) expect(plain(cut), `cut at bytes ${positions}`).toEqual(plain(whole));
  };
  for (const position of singles) expectSame([position]);
  for (let round = 0; round < MULTI_CUTS; round += 1) {
    expectSame(cutPositions(random, body.length, 1 + Math.floor(random() * 60)));
  }
}

/** Equality at the price of a comparison of memory: the test makes it some hundred thousand times. */
function sameFrames(left: readonly RawFrame[], right: readonly RawFrame[]): boolean {
  return (
    left.length === right.length &&
    left.every((one, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        one.kind === other.kind &&
        one.event === other.event &&
        one.data === other.data &&
        Buffer.compare(one.raw, other.raw) === 0
      );
    })
  );
}

describe("every recorded stream gives the same frames wherever it is cut, and keeps its bytes", () => {
  for (const provider of recordedProviders()) {
    const streams = recordings(provider, { stream: true }).filter(({ response }) => !response.startsWith("base64:"));
    it.each(streams.map((recording, index) => ({ name: recording.name, response: recording.response, index })))(
      `${provider}: $name`,
      { timeout: 120_000 },
      ({ response, index }) =>
        expectSameFramesWhereverCut(bytesOf(response), index + 1, THOROUGH.has(provider) ? "thorough" : "brief"),
    );
  }
});

describe("frames are read as the standard says", () => {
  it("several data lines are joined with a line feed", () => {
    expect(read("data: a\ndata: b\n\n")).toEqual([{ event: null, data: "a\nb" }]);
  });

  it.each([
    ["line feeds", "event: x\ndata: 1\n\ndata: 2\n\n"],
    ["carriage returns and line feeds", "event: x\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n"],
    ["carriage returns", "event: x\rdata: 1\r\rdata: 2\r\r"],
    ["a mixture", "event: x\r\ndata: 1\n\r\ndata: 2\r\n\r"],
  ])("lines may end with %s", (_, text) => {
    expect(read(text)).toEqual([
      { event: "x", data: "1" },
      { event: null, data: "2" },
    ]);
  });

  it("a carriage return at the end of a piece waits for its line feed", () => {
    const framer = new SseFramer();
    expect(framer.push(bytesOf("data: 1\r\n\r"))).toEqual([]);
    expect(plain(framer.push(bytesOf("\ndata: 2")))).toEqual([
      { kind: "event", event: null, data: "1", raw: "data: 1\r\n\r\n" },
    ]);
  });

  it("a body whose lines end with bare carriage returns is not held back", () => {
    expect(new SseFramer().push(bytesOf("data: 1\r\r"))).toHaveLength(1);
  });

  it("comments, unknown fields and fields without data make comment frames that keep their bytes", () => {
    const text = ": OPENROUTER PROCESSING\n\nretry: 5\n\ndatabase: x\n\nevent: ping\n\n";
    expect(plain(frame([bytesOf(text)]))).toEqual([
      { kind: "comment", event: null, data: "", raw: ": OPENROUTER PROCESSING\n\n" },
      { kind: "comment", event: null, data: "", raw: "retry: 5\n\n" },
      { kind: "comment", event: null, data: "", raw: "database: x\n\n" },
      { kind: "comment", event: "ping", data: "", raw: "event: ping\n\n" },
    ]);
  });

  it("one space after the colon is dropped, a second one stays, and none is needed", () => {
    expect(read("event:e\ndata:  a\ndata:b\n\n")).toEqual([{ event: "e", data: " a\nb" }]);
  });

  it("a data field without a colon, or empty, is an event with empty data", () => {
    expect(read("data\n\ndata:\n\n")).toEqual([
      { event: null, data: "" },
      { event: null, data: "" },
    ]);
  });

  it("a byte order mark in front of the body is not part of the first field", () => {
    expect(read("\u{feff}data: 1\n\n")).toEqual([{ event: null, data: "1" }]);
  });

  it("blank lines between events belong to the next frame and end nothing", () => {
    expect(plain(frame([bytesOf("\n\ndata: 1\n\n\n\ndata: 2\n\n\n")])).map(({ data, raw }) => [data, raw])).toEqual([
      ["1", "\n\ndata: 1\n\n"],
      ["2", "\n\ndata: 2\n\n"],
      ["", "\n"],
    ]);
  });

  it("a last event without its blank line comes at the end", () => {
    expect(read("data: 1\n\ndata: [DONE]")).toEqual([
      { event: null, data: "1" },
      { event: null, data: "[DONE]" },
    ]);
  });

  it("characters that the network cuts in two stay whole", () => {
    const body = bytesOf("data: grüß 🌍\n\n");
    for (let position = 1; position < body.length; position += 1)
      expect(frame(cutAt(body, [position])).map(({ data }) => data)).toEqual(["grüß 🌍"]);
  });

  it("an empty body has no frames", () => {
    expect(frame([])).toEqual([]);
    expect(frame([new Uint8Array(0)])).toEqual([]);
  });
});

describe("a frame has a largest size", () => {
  it("frames up to the limit pass, and a greater one ends the framer with an oversize frame", () => {
    const body = bytesOf("data: 12\n\ndata: 12\n\ndata: 123\n\ndata: 1\n\n");
    for (let position = 1; position < body.length; position += 1)
      expect(
        frame(cutAt(body, [position]), 10).map(({ kind, data }) => [kind, data]),
        `cut at ${position}`,
      ).toEqual([
        ["event", "12"],
        ["event", "12"],
        ["oversize", ""],
      ]);
  });

  it("a frame that never ends is given up as soon as the limit is passed", () => {
    const framer = new SseFramer({ maxFrameBytes: 100 });
    expect(framer.push(bytesOf(`data: ${"x".repeat(94)}`))).toEqual([]);
    expect(framer.push(bytesOf("x")).map(({ kind }) => kind)).toEqual(["oversize"]);
    expect(framer.push(bytesOf("\n\ndata: 1\n\n"))).toEqual([]);
    expect(framer.end()).toEqual([]);
  });
});

describe("properties", () => {
  const line = fc.oneof(
    fc.constantFrom("data: {}", "data:x", "data", ":", ": ping", "event: e", "id: 1", "", "\u{feff}", "dä: 🌍"),
    fc.string({ maxLength: 8 }),
  );
  const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
  const body = fc
    .array(fc.tuple(line, lineEnd), { maxLength: 20 })
    .map((lines) => lines.map(([text, end]) => text + end).join(""));
  const cuts = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 12 });
  const positions = (fractions: readonly number[], length: number) =>
    fractions.map((fraction) => Math.floor(fraction * length)).sort((a, b) => a - b);

  it("any text gives the same frames wherever it is cut, and its bytes back", () => {
    fc.assert(
      fc.property(body, cuts, (text, fractions) => {
        const bytes = bytesOf(text);
        const whole = plain(frame([bytes]));
        expect(plain(frame(cutAt(bytes, positions(fractions, bytes.length))))).toEqual(whole);
        expect(whole.map(({ raw }) => raw).join("")).toBe(Buffer.from(bytes).toString("latin1"));
      }),
      { numRuns: 2_000 },
    );
  });

  it("any bytes, text or not, come back unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), cuts, (bytes, fractions) => {
        const frames = frame(cutAt(bytes, positions(fractions, bytes.length)));
        expect(Buffer.concat(frames.map(({ raw }) => raw))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("events are those of a plain reader that has the whole text", () => {
    fc.assert(
      fc.property(body, (text) => {
        const events = frame([bytesOf(text)]).filter(({ kind }) => kind === "event");
        expect(events.map(({ event, data }) => ({ event, data }))).toEqual(plainReader(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** The standard's own algorithm over the whole text, line by line. */
function plainReader(text: string): readonly { event: string | null; data: string }[] {
  const events: { event: string | null; data: string }[] = [];
  let data: string[] = [];
  let event: string | null = null;
  const lines = text.replace(/^\u{feff}/u, "").split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    if (name === "event") event = value === "" ? null : value;
    if (line !== "" && index < lines.length - 1) continue;
    if (data.length > 0) events.push({ event, data: data.join("\n") });
    data = [];
    event = null;
  }
  return events;
}
