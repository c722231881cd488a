// A sink whose answer ends only when something else has ended.
import { type Sink, wrapSink } from "../../gateway/sink.ts";

/**
 * All goes through at once but the end.
 * @param awaited asked at the end: what is waited for, which never rejects; null when that is nothing.
 */
export function heldUntil(sink: Sink, awaited: () => Promise<void> | null): Sink {
  return wrapSink(sink, {
    end(data) {
      const before = awaited();
      if (before === null) sink.end(data);
      else void before.then(() => sink.end(data));
    },
  });
}
