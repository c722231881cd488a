// A sink whose answer ends only when something else has ended.
import type { Sink } from "../../gateway/sink.ts";

/**
 * All goes through at once but the end.
 * @param awaited asked at the end: what is waited for, which never rejects; null when that is nothing.
 */
export function heldUntil(sink: Sink, awaited: () => Promise<void> | null): Sink {
  return {
    head: (status, headers) => sink.head(status, headers),
    write: (data) => sink.write(data),
    end(data) {
      const before = awaited();
      if (before === null) sink.end(data);
      else void before.then(() => sink.end(data));
    },
    destroy: () => sink.destroy(),
    get gone() {
      return sink.gone;
    },
    get onDrain() {
      return sink.onDrain;
    },
    set onDrain(listener) {
      sink.onDrain = listener;
    },
    get onGone() {
      return sink.onGone;
    },
    set onGone(listener) {
      sink.onGone = listener;
    },
  };
}
