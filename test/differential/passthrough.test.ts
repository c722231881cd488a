import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject, Recording } from "../support/recordings.ts";
import { corpus, openai } from "./corpus.ts";
import { type Bench, pinned, providerKeys, startBench } from "./setup.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** A member that no version of OpenAI's API has, with a number that a parser would rewrite. */
const UNKNOWN = '"x_unheard_of": {"price": 1.50, "huge": 12345678901234567890}';

const withRequest = corpus(openai).filter(({ request }) => request !== null);
const named = (recordings: readonly Recording[]) =>
  recordings.map((recording) => ({ name: recording.name, recording }));

/**
 * The recorded request with another model and something unheard of. The values are spaced as Turnpike's own serialiser never
 * spaces them; between the members of the body there is no space, which is all of the layout that Turnpike does not keep.
 */
function bodyOf({ request }: Recording, model: string): string {
  const members = Object.entries({ ...request, model }).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value, null, 3)}`,
  );
  return `{${[...members, UNKNOWN].join(",")}}`;
}

function post(body: string): Promise<Response> {
  return fetch(`${bench.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${bench.key}`, "content-type": "application/json" },
    body,
  });
}

describe("OpenAI is sent the client's own bytes, but for the documented edits", () => {
  it.each(named(withRequest))("$name", async ({ recording }) => {
    const exchange = bench.replay.serve(recording, { times: Number.POSITIVE_INFINITY });
    const response = await post(bodyOf(recording, pinned(recording)));
    await response.arrayBuffer();
    bench.replay.clear();
    const sent = await exchange.received;
    const asked = bodyOf(recording, recording.model ?? "");
    expect(withoutUsageRequest(sent.body, recording)).toBe(withoutUsageRequest(asked, recording));
    expect(JSON.parse(sent.body).stream_options ?? null).toEqual(
      recording.request?.stream === true ? { include_usage: true } : null,
    );
    expect(sent.path).toBe("/v1/chat/completions");
    expect(sent.headers.authorization).toBe(`Bearer ${providerKeys.openai}`);
  });
});

/** Usage is asked for in every stream: the member is added at the end, or replaced where it stands. */
function withoutUsageRequest(body: string, recording: Recording): string {
  if (recording.request?.stream !== true) return body;
  return body.replace(/,?\s*"stream_options":\s*\{[^}]*\}/, "");
}

describe("the client is sent OpenAI's own bytes", () => {
  const answers = withRequest.filter(({ status }) => status === 200);

  it.each(named(answers.filter(({ stream }) => !stream)))("of a whole answer: $name", async ({ recording }) => {
    bench.replay.serve(recording, { mode: { kind: "cut", seed: 3 } });
    const response = await post(bodyOf(recording, pinned(recording)));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(recording.response);
  });

  it.each(named(answers.filter(({ stream }) => stream)))("of a stream, usage aside: $name", async ({ recording }) => {
    bench.replay.serve(recording, { mode: { kind: "cut", seed: 4 } });
    const response = await post(bodyOf(recording, pinned(recording)));
    expect(response.status).toBe(200);
    expect(frames(await response.text(), recording)).toEqual(frames(recording.response, recording));
  });
});

/** A usage chunk is told the cost where the client asked for usage, and is withheld where it did not. */
function frames(stream: string, { request }: Recording): readonly unknown[] {
  const asked = (request?.stream_options as JsonObject | undefined)?.include_usage === true;
  return stream
    .split("\n\n")
    .filter((frame) => frame !== "")
    .flatMap((frame): unknown[] => {
      const chunk = frame.startsWith("data: {") ? (JSON.parse(frame.slice("data: ".length)) as JsonObject) : null;
      if (chunk === null || !isUsage(chunk)) return [frame];
      if (!asked) return [];
      const { cost: _, ...usage } = chunk.usage as JsonObject;
      return [{ ...chunk, usage }];
    });
}

function isUsage(chunk: JsonObject): boolean {
  return (
    Array.isArray(chunk.choices) &&
    chunk.choices.length === 0 &&
    typeof chunk.usage === "object" &&
    chunk.usage !== null
  );
}
