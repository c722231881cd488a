// Every recorded answer of an endpoint beside chat, through a running gateway, at the endpoint of Turnpike's that it answers.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Recording } from "../../support/recordings.ts";
import { answerOf, callOf } from "./endpoints.ts";
import { failureOf } from "./failures.ts";
import { type Bench, providerIn, startBench } from "./gateway.ts";
import { type EndpointOperation, everything, routeOf } from "./routes.ts";

const answers = everything.flatMap((recording, seed) => {
  const route = routeOf(recording);
  return route.kind === "endpoint" ? [{ ...route, recording, seed, name: recording.name }] : [];
});

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterEach(() => expect(bench.replay.clear()).toBe(0));
afterAll(async () => {
  await bench.close();
  const counts = Map.groupBy(answers, ({ recording, operation }) => `${operation} of ${recording.provider}`);
  console.log("recorded answers of other endpoints compared");
  for (const [what, list] of counts) console.log(`${what}: ${list.length}`);
});

/** What was refused was often asked for by a name that Turnpike refuses itself. */
function modelIn(recording: Recording): string {
  const { model, status } = recording;
  return `${providerIn(recording)}/${model === null || status >= 400 ? "a-model" : decodeURIComponent(model)}`;
}

/** The public code of an error in OpenAI's shape, the type of Anthropic's. */
function classIn(text: string, operation: EndpointOperation): unknown {
  const { error } = JSON.parse(text) as { readonly error: { readonly code: unknown; readonly type: unknown } };
  return operation === "count" ? error.type : error.code;
}

describe.each([...Map.groupBy(answers, ({ operation }) => operation)])(
  "what providers answered about %s",
  (_, list) => {
    it.each(list)("reaches the client: $name", async ({ recording, operation, seed }) => {
      const { path, body } = callOf(recording, operation, modelIn(recording));
      bench.serve(recording, seed);
      const response = await fetch(`${bench.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${bench.key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      const { provider, status, response: recorded } = recording;
      if (status < 400) {
        expect(answerOf(operation, provider, text)).toEqual(answerOf(operation, provider, recorded));
        return;
      }
      expect(response.status).toBeGreaterThanOrEqual(400);
      const failure = { status, code: null, type: null, message: recorded };
      const dialect = operation === "count" ? "anthropic-messages" : "openai-chat";
      expect(classIn(text, operation)).toBe(failureOf(failure, dialect));
    });
  },
);
