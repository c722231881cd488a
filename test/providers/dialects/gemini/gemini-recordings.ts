// The recordings of generateContent, told from those of Google's other APIs that share their file, and cut into frames.

import type { Frame } from "../../../../providers/dialects/dialect.ts";
import { SseFramer } from "../../../../src/gateway/sse.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";

const all = [...recordings("google"), ...recordings("vertex")].filter(({ dialect }) => dialect === "gemini");

/** Answers of the Interactions and embeddings APIs, which speak another format. */
export const foreign = all.filter(({ response }) =>
  /^data: \{"interaction"|"object": ?"interaction"|"(embeddings|totalTokens)"/.test(response),
);

const ours = all.filter((recording) => !foreign.includes(recording));

export const errors = ours.filter(({ status }) => status >= 400);
export const streams = ours.filter(({ status, stream }) => status < 400 && stream);
/** One recording is a stream without `alt=sse`: a JSON array of chunks. */
export const arrays = ours.filter(({ response }) => response.startsWith("["));
export const wholes = ours.filter(
  (recording) => recording.status < 400 && !recording.stream && !arrays.includes(recording),
);

/** The recording called so. */
export function named(name: string): Recording {
  const found = ours.find((recording) => recording.name === name);
  if (found === undefined) throw new Error(`no recording "${name}" of generateContent`);
  return found;
}

/** The frames of a recorded stream, as the gateway's own framer cuts them. */
export function framesOf(recording: Recording): readonly Frame[] {
  if (recording.response.startsWith("[")) {
    return (JSON.parse(recording.response) as unknown[]).map(frameOf);
  }
  const framer = new SseFramer();
  return [...framer.push(new TextEncoder().encode(recording.response)), ...framer.end()].filter(
    ({ kind }) => kind === "event",
  );
}

/** A whole answer as a stream of one frame; a stream as it is. */
export function asFrames(recording: Recording): Recording {
  return recording.stream ? recording : { ...recording, response: `[${recording.response}]` };
}

/** A frame that holds this value as JSON. */
export function frameOf(value: unknown): Frame {
  return { event: null, data: JSON.stringify(value) };
}
