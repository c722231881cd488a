// The recorded answers of the responses API, from OpenAI and from all who speak it.
import { type Recording, recordings } from "../../../support/recordings.ts";

const providers = [
  "openai",
  "azure",
  "xai",
  "deepseek",
  "lmstudio",
  "openai-responses",
  "bedrock-mantle",
  "pydantic-gateway",
] as const;

/** Answers of other endpoints that were filed under this one: compaction, and counting of input tokens. */
const otherEndpoints = /compact_messages\.2$|compact_with_instructions\.1$|test_responses_usage_limit_exceeded/;

const all = providers
  .flatMap((provider) => recordings(provider, { dialect: "openai-responses" }))
  .filter(({ name }) => !otherEndpoints.test(name));

/** A failure, whatever the status: some were recorded with 200. */
function isFailure({ status, response }: Recording): boolean {
  return status >= 400 || /^\s*\{\s*"error": ?\{/.test(response) || response.includes("event: response.failed");
}

export const whole = all.filter((recording) => !recording.stream && !isFailure(recording));
export const streams = all.filter((recording) => recording.stream && !isFailure(recording));
export const failures = all.filter(isFailure);

export function named(list: readonly Recording[]): readonly (readonly [string, Recording])[] {
  return list.map((recording) => [`${recording.provider} ${recording.name}`, recording] as const);
}
