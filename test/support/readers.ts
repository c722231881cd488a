// Reads a recording as its provider's own SDK does, straight from the replay upstream.
import type { Mode } from "./answers.ts";
import { readWithAnthropic } from "./read-anthropic.ts";
import { readWithGoogle } from "./read-google.ts";
import { readWithOpenAI } from "./read-openai.ts";
import { readWithResponses } from "./read-responses.ts";
import type { ReadResult } from "./reading.ts";
import type { Recording } from "./recordings.ts";
import type { Replay } from "./replay.ts";

export { readWithAnthropic } from "./read-anthropic.ts";
export { readWithGoogle } from "./read-google.ts";
export { type OpenAIRead, readTurnpike, readWithOpenAI } from "./read-openai.ts";
export { readWithResponses } from "./read-responses.ts";
export type { ReadChoice, ReadFailure, Reading, ReadResult, ReadToolCall, ReadUsage } from "./reading.ts";

const KEY = "sk-test-direct";
/** The recording answers whatever was asked; a name that is nobody's keeps the SDKs from warning of old models. */
const model = "a-model";

/** Serves the recording and reads it with the SDK of its dialect; the request is a minimal one. */
export async function readDirectly(
  replay: Replay,
  recording: Recording,
  mode: Mode = { kind: "whole" },
): Promise<ReadResult> {
  const { url } = replay.serve(recording, { mode, match: () => false });
  const { stream } = recording;
  const messages = [{ role: "user", content: "Hello" }];
  switch (recording.dialect) {
    case "openai-chat":
    case "mistral": {
      const options = stream ? { stream: true, stream_options: { include_usage: true } } : {};
      const read = await readWithOpenAI({ baseUrl: `${url}/v1`, key: KEY }, { model, messages, ...options });
      return read.result;
    }
    case "anthropic-messages":
      return readWithAnthropic({ baseUrl: url, key: KEY }, { model, messages, max_tokens: 1024, stream });
    case "openai-responses":
      return readWithResponses({ baseUrl: `${url}/v1`, key: KEY }, { model, input: "Hello", stream });
    case "gemini":
      return readWithGoogle({ baseUrl: url, key: KEY }, { model, stream });
    default:
      throw new Error(`no SDK reads the dialect ${recording.dialect}`);
  }
}
