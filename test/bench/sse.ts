// How fast streams are cut into frames, as a ratio to splitting decoded text, measured in the same run.
import { SseFramer } from "../../src/gateway/sse.ts";
import { recordings } from "../support/recordings.ts";
import { cutAt, cutPositions, seeded } from "../support/seed.ts";

const ROUNDS = 15;
const PIECES_PER_STREAM = 12;
const ROUND_BYTES = 40_000_000;

type Reader = (pieces: readonly Uint8Array[]) => number;

const random = seeded(1);
const streams = ["openai", "anthropic", "google"]
  .flatMap((provider) => recordings(provider, { stream: true }))
  .map(({ response }) => Buffer.from(response))
  .map((body) => cutAt(body, cutPositions(random, body.length, PIECES_PER_STREAM)));
const streamBytes = streams.flat().reduce((sum, piece) => sum + piece.length, 0);

/** What most clients do: decode, append, split at blank lines, look for the data line. */
const splitText: Reader = (pieces) => {
  const decoder = new TextDecoder();
  let rest = "";
  let characters = 0;
  for (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events)
      for (const line of event.split("\n")) if (line.startsWith("data: ")) characters += line.slice(6).length;
  }
  return characters;
};

const frameAndRead: Reader = (pieces) => {
  const framer = new SseFramer();
  let characters = 0;
  for (const piece of pieces) for (const frame of framer.push(piece)) characters += frame.data.length;
  for (const frame of framer.end()) characters += frame.data.length;
  return characters;
};

const frameOnly: Reader = (pieces) => {
  const framer = new SseFramer();
  let bytes = 0;
  for (const piece of pieces) for (const frame of framer.push(piece)) bytes += frame.raw.length;
  for (const frame of framer.end()) bytes += frame.raw.length;
  return bytes;
};

function nanosecondsPerKilobyte(reader: Reader): number {
  const passes = Math.ceil(ROUND_BYTES / streamBytes);
  const begin = process.hrtime.bigint();
  for (let pass = 0; pass < passes; pass += 1) for (const pieces of streams) reader(pieces);
  return Number(process.hrtime.bigint() - begin) / ((passes * streamBytes) / 1024);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const readers = { "split text (baseline)": splitText, "frame and read": frameAndRead, "frame only": frameOnly };
const times = new Map<string, number[]>(Object.keys(readers).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, reader] of Object.entries(readers)) times.get(name)?.push(nanosecondsPerKilobyte(reader));

const baseline = median(times.get("split text (baseline)") ?? []);
for (const [name, values] of times) {
  const typical = median(values);
  console.log(
    `${name.padEnd(24)} ${typical.toFixed(0).padStart(6)} ns/KiB   ${(typical / baseline).toFixed(2)} of the baseline`,
  );
}
