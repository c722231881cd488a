import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mode } from "../support/answers.ts";
import { readDirectly } from "../support/readers.ts";
import { minimalChat } from "../support/to-openai-chat.ts";
import { expectSameFailure, expectSameReading } from "./compare-readings.ts";
import { corpus, sources } from "./corpus.ts";
import { type Bench, pinned, startBench } from "./setup.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const modes: readonly Mode[] = [{ kind: "whole" }, { kind: "cut", seed: 1 }, { kind: "cut", seed: 2, cuts: 120 }];

describe.each(sources)("through Turnpike the openai SDK reads what the SDK of $provider reads", (source) => {
  it.each(corpus(source).map((recording) => ({ name: recording.name, recording })))("$name", async ({ recording }) => {
    const direct = await readDirectly(bench.replay, recording);
    const request = { ...minimalChat(recording), model: pinned(recording) };
    for (const mode of modes) {
      const { result, sent } = await bench.ask(recording, request, mode);
      expect(sent, `the call reached the provider (${JSON.stringify(result)})`).not.toBeNull();
      if (direct.kind === "reading") expectSameReading(direct.reading, result);
      else expectSameFailure(direct.failure, result);
    }
  });
});
