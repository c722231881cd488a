// A stream of any provider's dialect, cut at any byte, is told to a client of any dialect in the very same words.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerContext } from "../../../providers/dialects/dialect.ts";
import type { RawFrame } from "../../../providers/dialects/frame.ts";
import { SseFramer } from "../../../src/gateway/sse.ts";
import { cutAt } from "../../support/seed.ts";
import { answers } from "./conversations.ts";
import { type ProviderSide, pairs, providerSides } from "./sides.ts";

const context: AnswerContext = { fallbackId: "answer_1", nowS: 1_780_000_000, model: "m", includeUsage: true };

/** The frames of a body that comes in these pieces, which are all that is read of it. */
function framesOf({ dialect }: ProviderSide, pieces: readonly Uint8Array[]): readonly RawFrame[] {
  const framer = dialect.framer?.() ?? new SseFramer();
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()].filter(({ kind }) => kind === "event");
}

/** The client's stream of the body that comes in these pieces. */
function told({ server, side }: (typeof pairs)[number], pieces: readonly Uint8Array[]): string {
  const decoder = side.dialect.stream();
  const encoder = server.stream(context);
  const text = framesOf(side, pieces).map((frame) => encoder.push(decoder.push(frame)));
  return text.join("") + encoder.push(decoder.end()) + encoder.end(decoder.usage, { usd: null });
}

describe.each(providerSides.map((side) => ({ provider: side.wire.dialect, side })))(
  "a stream of a provider of $provider",
  ({ side }) => {
    it("is read the same for every byte that it may be cut at", () => {
      fc.assert(
        fc.property(answers, (said) => {
          const body = Buffer.from(side.wire.stream(said));
          const read = (pieces: readonly Uint8Array[]) =>
            JSON.stringify(framesOf(side, pieces).map(({ event, data }) => [event, data]));
          const whole = read([body]);
          const differing = Array.from(body.keys()).find((at) => at > 0 && read(cutAt(body, [at])) !== whole);
          expect(differing, "the byte at which a cut changes what is read").toBeUndefined();
        }),
        { seed: 898, numRuns: 5 },
      );
    });
  },
);

describe.each(pairs)("a stream of a provider of $provider to a client of $client", (pair) => {
  it("is told the same however often it is cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(answers, sizes, (said, steps) => {
        const body = Buffer.from(pair.side.wire.stream(said));
        const places: number[] = [];
        for (let at = 0; at < body.length; at += steps[places.length % steps.length] ?? 1) places.push(at);
        expect(told(pair, cutAt(body, places.slice(1)))).toBe(told(pair, [body]));
      }),
      { seed: 898, numRuns: 25 },
    );
  });
});
