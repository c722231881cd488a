// Makes messages of AWS event streams, and bodies of recordings: the other way round from the code under test.
import { crc32 } from "node:zlib";
import { EventStreamFramer } from "../../../../../providers/dialects/bedrock-converse/eventstream.ts";
import type { RawFrame } from "../../../../../providers/dialects/frame.ts";
import type { Recording } from "../../../../support/recordings.ts";

export interface Header {
  readonly name: string;
  /** A string, or a value of another type with its bytes. */
  readonly value: string | { readonly type: number; readonly bytes: Uint8Array };
}

/** One message, with right checksums. */
export function message(headers: readonly Header[], payload: string): Buffer {
  const head = Buffer.concat(headers.map(header));
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  const guarded = Buffer.concat([prelude, uint32(crc32(prelude)), head, body]);
  return Buffer.concat([guarded, uint32(crc32(guarded))]);
}

function header({ name, value }: Header): Buffer {
  const named = Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name)]);
  if (typeof value !== "string") return Buffer.concat([named, Buffer.from([value.type]), value.bytes]);
  const text = Buffer.from(value);
  return Buffer.concat([named, Buffer.from([7, text.length >> 8, text.length & 255]), text]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** An event as Bedrock sends it. */
export function event(name: string, payload: unknown): Buffer {
  return message(
    [
      { name: ":event-type", value: name },
      { name: ":content-type", value: "application/json" },
      { name: ":message-type", value: "event" },
    ],
    JSON.stringify(payload),
  );
}

export function exception(name: string, text: string): Buffer {
  return message(
    [
      { name: ":exception-type", value: name },
      { name: ":content-type", value: "application/json" },
      { name: ":message-type", value: "exception" },
    ],
    JSON.stringify({ message: text }),
  );
}

/** A recorded stream's bytes; what was recorded as one JSON event a line is framed. */
export function bodyOf({ response }: Recording): Buffer {
  if (response.startsWith("base64:")) return Buffer.from(response.slice("base64:".length), "base64");
  return Buffer.concat(
    eventLines(response).map((line) => {
      const [[name, payload] = ["", null]] = Object.entries(line);
      return event(name, payload);
    }),
  );
}

export function eventLines(response: string): readonly Record<string, unknown>[] {
  return response
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** All frames of a body that comes in these pieces. */
export function frames(...pieces: readonly Uint8Array[]): readonly RawFrame[] {
  const framer = new EventStreamFramer();
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()];
}
