import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDirectly } from "./readers.ts";
import { parseArguments, type ReadToolCall } from "./reading.ts";
import { type Recording, recordings } from "./recordings.ts";
import { type Replay, startReplay } from "./replay.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

/** Recordings of which somebody noted what is in them, but for arguments in pieces, which the note does not put together. */
function noted(provider: string, dialect: string): readonly Recording[] {
  return recordings(provider, { dialect, failed: false }).filter(
    ({ expect, response }) => expect !== undefined && !response.includes("partialArgs") && !response.startsWith("["),
  );
}

const named = (calls: readonly ReadToolCall[]) => calls.map((call) => ({ name: call.name, arguments: call.arguments }));

describe.each([
  ["openai", "openai-chat"],
  ["anthropic", "anthropic-messages"],
  ["google", "gemini"],
])("the SDK of %s reads what was noted beside the recording", (provider, dialect) => {
  it.each(noted(provider, dialect).map((recording) => [recording.name, recording] as const))(
    "%s",
    async (_, recording) => {
      const result = await readDirectly(replay, recording);
      if (result.kind === "failure") expect.fail(result.failure.message);
      const note = recording.expect;
      expect(result.reading.text).toBe(note?.text);
      expect(named(result.reading.toolCalls)).toEqual(
        note?.tool_calls.map((call) => ({ name: call.name, arguments: parseArguments(call.arguments || "{}") })),
      );
    },
  );
});
