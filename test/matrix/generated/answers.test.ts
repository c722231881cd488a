// Any answer of a provider of any dialect, whole and streamed in pieces cut anywhere, as the official SDK of each client's
// dialect reads it through a running gateway: no word and no call is lost, changed or moved, and every token is told.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, startBench } from "../../differential/whole-corpus/gateway.ts";
import type { Script } from "../../support/answers.ts";
import type { Reading } from "../../support/reading.ts";
import { cutAt } from "../../support/seed.ts";
import type { Said, Wire } from "../upstreams/said.ts";
import { answers } from "./conversations.ts";
import type { ClientDialect } from "./requests.ts";
import { pairs } from "./sides.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** Where a stream is cut, as parts of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

function served(wire: Wire, said: Said, stream: boolean, places: readonly number[]): Script {
  const body = stream ? wire.stream(said) : JSON.stringify(wire.whole(said));
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const at = [...new Set(places.map((place) => Math.floor(place * bytes.length)))].sort((a, b) => a - b);
  return function* () {
    yield { kind: "head", status: 200, headers: { "content-type": stream ? wire.streamType : "application/json" } };
    for (const piece of cutAt(bytes, at)) if (piece.length > 0) yield piece;
  };
}

/** What the client must read. What a wire lacks is listed with the matrix (losses.ts), and so are the same losses here. */
function told({ reasoning, text, calls, usage }: Said, client: ClientDialect, wire: Wire) {
  const plan = wire.dialect === "cohere" && calls.length > 0;
  const shown = (reasoning?.text ?? "") + (plan ? text : "");
  const passedOn = client === "openai-chat" && wire.dialect === client;
  return {
    text: plan ? "" : text,
    reasoning: passedOn || shown === "" ? null : shown,
    calls: calls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    finish: calls.length > 0 ? "tool-calls" : "stop",
    input: usage.input + usage.cached,
    cached: usage.cached,
    output: usage.output + usage.reasoning,
  };
}

function readFrom({ text, reasoning, toolCalls, finish, usage }: Reading) {
  return {
    text,
    reasoning,
    calls: toolCalls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    finish,
    input: usage?.input,
    cached: usage?.cached,
    output: usage?.output,
  };
}

describe.each(pairs)("an answer of a provider of $provider to a client of $client", ({ client, side: { wire } }) => {
  it.each([
    { form: "whole", stream: false },
    { form: "streamed", stream: true },
  ])("arrives whole and in order, $form", async ({ form, stream }) => {
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(answers, cuts, async (said, places) => {
        asked += 1;
        const mark = `${client} asks ${wire.dialect} ${form} ${asked}`;
        bench.replay.script(served(wire, said, stream, places), { match: ({ body }) => body.includes(`"${mark}"`) });
        const result = await bench.read(client, { model: wire.model, mark, stream });
        if (result.kind === "failure") throw new Error(result.failure.message);
        expect(readFrom(result.reading)).toEqual(told(said, client, wire));
      }),
      { seed: 898, numRuns: 10 },
    );
  });
});
