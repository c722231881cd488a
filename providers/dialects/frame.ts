// Framer: how a response body is cut into frames, wherever the network cut it.
import type { Frame } from "./dialect.ts";

/**
 * One frame of a body.
 * - `event`: it holds data.
 * - `comment`: it holds none, and decoders need not see it.
 * - `oversize`: the frame grew beyond the limit. It is the last frame of its framer; `raw` and `data` are empty.
 */
export interface RawFrame extends Frame {
  readonly kind: "event" | "comment" | "oversize";
  /** The frame's bytes as they came. The raws of all frames in a row are the whole body. */
  readonly raw: Uint8Array;
}

/** Cuts one body. Fresh per response; owns its state; pure and synchronous. */
export interface Framer {
  /** The frames that these bytes complete. */
  push(bytes: Uint8Array): readonly RawFrame[];
  /** What is left when the body has ended. */
  end(): readonly RawFrame[];
}

/** The largest frame that is accepted by default, in bytes: an image in base64 fits. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
