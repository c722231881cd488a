// The upstreams of the fault table: a recorded answer in each dialect, cut where its stages lie, and what failing looks like there.
import type { Step } from "../../support/answers.ts";
import { type Recording, recording } from "../../support/recordings.ts";

export type UpstreamDialect = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini";

/** A recorded answer, whole or streamed, in the pieces between which something can break. */
export interface Answer {
  readonly recording: Recording;
  readonly text: string;
  readonly head: Step;
  /** Frames that show nothing yet; of a whole answer nothing. */
  readonly preamble: string;
  /** The first content, then all others up to the end of the answer; of a whole answer, its two halves. */
  readonly first: string;
  readonly rest: string;
  /** The frame that says why the model stopped, and all after it; of a whole answer nothing. */
  readonly finish: string;
}

export interface Upstream {
  readonly whole: Answer;
  readonly stream: Answer;
  /** The body of a refusal that says nothing of its kind, with these words. */
  refusal(words: string): string;
  /** An event inside a stream by which the provider says that it is overloaded. */
  readonly overloaded: string;
}

interface Marks {
  /** In the first frame that shows something. */
  readonly first: RegExp;
  readonly finish: RegExp;
}

export const upstreams: Readonly<Record<UpstreamDialect, Upstream>> = {
  "openai-chat": {
    whole: whole(recording("openai", "test-vision-1")),
    stream: stream(recording("openai", "chat-completion-stream-prompt-caching-cache-read-stream"), {
      first: /"content":"[^"]/,
      finish: /"finish_reason":"/,
    }),
    refusal: (words) => JSON.stringify({ error: { message: words, type: "error", param: null, code: null } }),
    overloaded: 'data: {"error":{"message":"we are busy","type":"server_error","code":"server_is_overloaded"}}\n\n',
  },
  "openai-responses": {
    whole: whole(recording("openai", "should-capture-openai-provider-spans-correctly-with-recording-3593617962")),
    stream: stream(recording("openai", "test-responses-streaming-with-content-1-stream"), {
      first: /^event: response.output_text.delta/,
      finish: /^event: response.completed/,
    }),
    refusal: (words) => JSON.stringify({ error: { message: words, type: "error", param: null, code: null } }),
    overloaded:
      'event: error\ndata: {"type":"error","code":"server_is_overloaded","message":"we are busy","param":null}\n\n',
  },
  "anthropic-messages": {
    whole: whole(recording("anthropic", "anthropic-v1-messages-post-ff6be522")),
    stream: stream(recording("anthropic", "test-anthropic-streaming-helper-methods-legacy-stream"), {
      first: /"text_delta"/,
      finish: /^event: message_delta/,
    }),
    refusal: (words) => JSON.stringify({ type: "error", error: { type: "unknown_error", message: words } }),
    overloaded: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"we are busy"}}\n\n',
  },
  gemini: {
    whole: whole(recording("google", "test-google-prompted-output")),
    stream: stream(
      recording("google", "genai-v1beta-models-gemini-2-0-flash-streamgeneratecontent-alt-sse-post-06304696-stream"),
      { first: /"text"/, finish: /"finishReason"/ },
    ),
    refusal: (words) => JSON.stringify({ error: { code: 0, message: words, details: [] } }),
    overloaded: 'data: {"error":{"code":503,"message":"we are busy","status":"UNAVAILABLE"}}\r\n\r\n',
  },
};

/** The other deployment, which always answers. */
export const standby: Pick<Upstream, "whole" | "stream"> = {
  whole: whole(recording("groq", "test-groq-model-instructions")),
  stream: stream(recording("groq", "testtokencounts-test-groq-stream"), {
    first: /"content":"[^"]/,
    finish: /"finish_reason":"/,
  }),
};

function whole(recorded: Recording): Answer {
  const { response } = recorded;
  const half = Math.floor(response.length / 2);
  return {
    ...common(recorded, "application/json"),
    preamble: "",
    first: response.slice(0, half),
    rest: response.slice(half),
    finish: "",
  };
}

function stream(recorded: Recording, marks: Marks): Answer {
  const frames = recorded.response.match(/[\s\S]+?(\r\n\r\n|\n\n|$)/g) ?? [];
  const first = frames.findIndex((frame) => marks.first.test(frame));
  const finish = frames.findIndex((frame) => marks.finish.test(frame));
  if (first === -1 || finish <= first) throw new Error(`${recorded.name} has no such stages`);
  return {
    ...common(recorded, "text/event-stream"),
    preamble: frames.slice(0, first).join(""),
    first: frames[first] ?? "",
    rest: frames.slice(first + 1, finish).join(""),
    finish: frames.slice(finish).join(""),
  };
}

function common(recorded: Recording, type: string): Pick<Answer, "recording" | "text" | "head"> {
  return {
    recording: recorded,
    text: recorded.expect?.text ?? "",
    head: { kind: "head", status: 200, headers: { "content-type": type } },
  };
}
