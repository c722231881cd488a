// A stream as one JSON array, for clients that do not ask for `alt=sse`: the same chunks in another wrapping.
import { keepAlive } from "./stream.ts";

/** Wraps one response. Fresh per response; owns its state; pure and synchronous. */
export interface ArrayFramer {
  /** @param sse Whole frames, as a stream encoder gives them (each a line of data), an error's or a keep-alive included. */
  push(sse: string): string;
  /** One more element. @param data The data of one SSE frame, which is JSON (Google's own, passed through). */
  element(data: string): string;
  /** The end of the array, also after an error. */
  end(): string;
}

const LINE = "data: ";

/** Elements are set apart as Google's own are (recording of a stream without `alt=sse`: `[{`, `,\r\n{`, `]`). */
export function createArrayFramer(): ArrayFramer {
  let begun = false;
  const element = (data: string): string => {
    const text = begun ? `,\r\n${data}` : `[${data}`;
    begun = true;
    return text;
  };
  return {
    element,
    push(sse) {
      // White space keeps the connection open, and is nothing to a JSON parser.
      if (sse === keepAlive) return "\r\n";
      let text = "";
      for (const frame of sse.split("\n\n")) {
        if (frame.startsWith(LINE)) text += element(frame.slice(LINE.length));
      }
      return text;
    },
    end: () => (begun ? "]" : "[]"),
  };
}
