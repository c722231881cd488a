// What the replay upstream does with one request: scripts of steps, made by hand or from a recording and a mode.
import type { Recording } from "./recordings.ts";
import { cutAt, cutPositions, seeded } from "./seed.ts";

/** A request as it reached the replay upstream. */
export interface Received {
  readonly method: string;
  /** Path and query, without the prefix that addresses one exchange. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Epoch milliseconds, when the whole body was there. */
  readonly atMs: number;
}

/**
 * One thing that the upstream does. `reset` breaks the connection with an RST, `close` with a FIN before the body is
 * complete; `hang` waits until the client has gone; `raw` is written to the socket beneath HTTP.
 */
export type Step =
  | { readonly kind: "head"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "bytes"; readonly bytes: string | Uint8Array }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "raw"; readonly bytes: string }
  | { readonly kind: "reset" }
  | { readonly kind: "close" }
  | { readonly kind: "hang" };

/** Plain text or bytes stand for a `bytes` step. Bytes without a head before them get a 200 event stream. */
export type Script = (
  request: Received,
) => AsyncIterable<Step | string | Uint8Array> | Iterable<Step | string | Uint8Array>;

/**
 * How a recording is served. Byte positions count from the start of the body.
 * - `whole`: at once. `cut`: in pieces cut at random positions. `slow`: the same, with a pause before each piece.
 * - `reset-before-headers`, `reset-after-headers`: the connection breaks.
 * - `break-off`: the body stops at a byte, by a broken connection or as if it were complete.
 * - `hang-before-headers`, `hang-at`: nothing more comes, and the connection stays open.
 * - `malformed`: the body is spoiled: JSON loses its end, a stream gets a frame that is not JSON at a byte.
 * - `status`: another status, with its headers and body; what is absent is the recording's own.
 */
export type Mode =
  | { readonly kind: "whole" }
  | { readonly kind: "cut"; readonly seed: number; readonly cuts?: number }
  | { readonly kind: "slow"; readonly seed: number; readonly cuts?: number; readonly pauseMs: number }
  | { readonly kind: "reset-before-headers" }
  | { readonly kind: "reset-after-headers" }
  | { readonly kind: "break-off"; readonly atByte: number; readonly by: "reset" | "close" | "end" }
  | { readonly kind: "hang-before-headers" }
  | { readonly kind: "hang-at"; readonly atByte: number }
  | { readonly kind: "malformed"; readonly atByte?: number }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

const DEFAULT_CUTS = 24;
const RESET: Step = { kind: "reset" };
const HANG: Step = { kind: "hang" };

/** The steps that serve a recording in this mode. */
export function scriptOf(recording: Recording, mode: Mode): Script {
  return () => steps(recording, mode);
}

function* steps(recording: Recording, mode: Mode): Iterable<Step> {
  const body = Buffer.from(recording.response);
  const headers = headersOf(recording);
  const head: Step = { kind: "head", status: recording.status, headers };
  switch (mode.kind) {
    case "whole":
      yield head;
      yield bytes(body);
      return;
    case "cut":
    case "slow":
      yield head;
      for (const piece of cutAt(body, cutPositions(seeded(mode.seed), body.length, mode.cuts ?? DEFAULT_CUTS))) {
        if (mode.kind === "slow") yield { kind: "wait", ms: mode.pauseMs };
        yield bytes(piece);
      }
      return;
    case "reset-before-headers":
      yield RESET;
      return;
    case "reset-after-headers":
      yield head;
      yield RESET;
      return;
    case "break-off":
      yield head;
      yield bytes(body.subarray(0, mode.atByte));
      if (mode.by !== "end") yield { kind: mode.by };
      return;
    case "hang-before-headers":
      yield HANG;
      return;
    case "hang-at":
      yield head;
      yield bytes(body.subarray(0, mode.atByte));
      yield HANG;
      return;
    case "malformed":
      yield head;
      yield bytes(recording.stream ? spoiledStream(body, mode.atByte ?? 0) : body.subarray(0, body.length - 1));
      return;
    case "status":
      yield { kind: "head", status: mode.status, headers: { ...headers, ...mode.headers } };
      yield bytes(mode.body ?? body);
      return;
  }
}

/** The recorded headers. Where the source did not keep the content type, the one that this kind of body always has. */
function headersOf(recording: Recording): Readonly<Record<string, string>> {
  const kept = Object.entries(recording.responseHeaders).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return { "content-type": recording.stream ? "text/event-stream" : "application/json", ...Object.fromEntries(kept) };
}

/** The stream with a frame that is not JSON between two of its own, the first of which ends at or after a byte. */
function spoiledStream(body: Buffer, atByte: number): Buffer {
  const blank = body.includes("\r\n\r\n") ? "\r\n\r\n" : "\n\n";
  const end = atByte === 0 ? -1 : body.indexOf(blank, atByte);
  const split = end === -1 ? 0 : end + blank.length;
  return Buffer.concat([body.subarray(0, split), Buffer.from('data: {"spoiled": \n\n'), body.subarray(split)]);
}

function bytes(content: string | Uint8Array): Step {
  return { kind: "bytes", bytes: content };
}
