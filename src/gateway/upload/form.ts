// A form as it comes in: its fields are held, its files are only known by their places; and what of it a provider is sent.
import type { StreamedBody } from "../../../providers/define.ts";
import type { BodyEdits } from "../../../providers/dialects/dialect.ts";
import { GatewayError } from "../../errors.ts";
import { FormScanner, type Heading, incomplete } from "./form-scanner.ts";
import type { Upload } from "./upload.ts";

/** All fields together, bytes. */
const largestFields = 1024 * 1024;
/** How much of a file is held to tell what it is. */
const fileHeadBytes = 64;

/** Fields that are not texts: what JSON would write as such. */
const notText = new Set(["stream", "drop_params", "models", "provider"]);
/** Fields that decide where a call goes, or how: they can't come once it has begun. */
const decisive = new Set(["model", ...notText]);

interface Part extends Heading {
  /** Where in the body the content ends; null while it comes in. */
  contentEnd: number | null;
}

/** What is known of a file. */
export interface FormFile {
  readonly head: Uint8Array;
  /** Bytes that have come so far. */
  readonly size: number;
}

export class Form {
  readonly boundary: string;
  readonly upload: Upload;
  /** The text fields by name, as far as they have come; of a repeated one the last. */
  readonly fields: Record<string, unknown> = {};
  readonly #parts: Part[] = [];
  readonly #heads = new Map<Part, Buffer>();
  readonly #scanner: FormScanner;
  readonly #declaredBytes: number | null;
  #field: Buffer[] = [];
  #fieldBytes = 0;
  #begun = false;

  /**
   * @param type the request's `content-type`.
   * @param declaredBytes its `content-length`; null when it has none.
   * @throws GatewayError `unsupported_media_type`.
   */
  constructor(type: string | null, declaredBytes: number | null, upload: Upload) {
    this.boundary = boundaryOf(type);
    this.upload = upload;
    this.#declaredBytes = declaredBytes;
    this.#scanner = new FormScanner(this.boundary, {
      onPart: (heading) => this.#parts.push({ ...heading, contentEnd: null }),
      onContent: (bytes) => this.#content(bytes),
      onPartEnd: (end) => this.#partEnd(end),
    });
  }

  /** @throws GatewayError `invalid_request` when this is no form, or none that can be served any more. */
  push(bytes: Uint8Array): void {
    this.#scanner.push(bytes);
  }

  /** @throws GatewayError `invalid_request` when the body ended in the middle. */
  end(): void {
    if (!this.#scanner.over) throw incomplete();
  }

  /** True while its first file is coming in: all fields before it are known, and those after it are not. */
  get atFirstFile(): boolean {
    return this.#parts.at(-1)?.contentEnd === null && this.#parts.findIndex(isFile) === this.#parts.length - 1;
  }

  /** From here on the call is under way: what came so far is what decides about it. */
  begin(): void {
    this.#begun = true;
  }

  /** The first file of this name; null when there is none. */
  file(name: string): FormFile | null {
    const part = this.#parts.find((one) => one.isFile && one.name === name);
    if (part === undefined) return null;
    const size = (part.contentEnd ?? this.upload.size) - part.contentStart;
    return { head: this.#heads.get(part) ?? new Uint8Array(0), size: Math.max(0, size) };
  }

  /** The form with fields set or removed; every other part keeps its bytes, those included that have not come yet. */
  edited(edits: BodyEdits): StreamedBody {
    const pieces: Piece[] = [];
    const tail = this.upload.ended ? null : this.#parts.findIndex(isFile);
    for (const [name, value] of Object.entries(edits.set)) pieces.push(encoder.encode(this.#fieldText(name, value)));
    for (const part of this.#parts.slice(0, tail ?? undefined)) {
      if (edits.remove.includes(part.name) || part.name in edits.set || part.contentEnd === null) continue;
      pieces.push(encoder.encode(`--${this.boundary}\r\n`), { from: part.start, to: part.contentEnd }, crlf);
    }
    if (tail === null) pieces.push(encoder.encode(`--${this.boundary}--\r\n`));
    else pieces.push({ from: this.#parts[tail]?.delimiter ?? 0, to: null });
    return streamed(pieces, this.upload, this.#declaredBytes);
  }

  #content(bytes: Uint8Array): void {
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    if (part.isFile) {
      const head = this.#heads.get(part) ?? Buffer.alloc(0);
      if (head.length < fileHeadBytes) this.#heads.set(part, Buffer.concat([head, bytes.subarray(0, fileHeadBytes)]));
      return;
    }
    this.#fieldBytes += bytes.length;
    if (this.#fieldBytes > largestFields) {
      throw new GatewayError(
        "request_too_large",
        "The fields of the form are larger than this gateway accepts (1 MB).",
      );
    }
    this.#field.push(Buffer.from(bytes));
  }

  #partEnd(end: number): void {
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    part.contentEnd = end;
    if (part.isFile) return;
    const text = Buffer.concat(this.#field).toString("utf8");
    this.#field = [];
    const value = notText.has(part.name) ? parsed(text) : text;
    if (this.#begun && decisive.has(part.name)) this.#refuseLate(part.name, value);
    this.fields[part.name] = value;
  }

  /** Whoever says late what is so anyway is not refused. */
  #refuseLate(name: string, value: unknown): void {
    if (name === "stream" && (value === true) === (this.fields.stream === true)) return;
    const message = `\`${name}\` came after a file that was too large to wait for: send it before the file.`;
    throw new GatewayError("invalid_request", message, { param: name });
  }

  #fieldText(name: string, value: unknown): string {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `--${this.boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  }
}

/** Bytes, or those of the upload from one place to another (to its end: null). */
type Piece = Uint8Array | { readonly from: number; readonly to: number | null };

const encoder = new TextEncoder();
const crlf = new Uint8Array([0x0d, 0x0a]);

function streamed(pieces: readonly Piece[], upload: Upload, declaredBytes: number | null): StreamedBody {
  return {
    length: lengthOf(pieces, declaredBytes),
    async *read(onWait) {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) yield piece;
        else yield* upload.read(piece.from, piece.to, onWait);
      }
    },
  };
}

function lengthOf(pieces: readonly Piece[], declaredBytes: number | null): number | null {
  let length = 0;
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) length += piece.length;
    else {
      const to = piece.to ?? declaredBytes;
      if (to === null) return null;
      length += to - piece.from;
    }
  }
  return length;
}

function isFile(part: Part): boolean {
  return part.isFile;
}

function boundaryOf(type: string | null): string {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary !== undefined) return boundary;
  throw new GatewayError("unsupported_media_type", "The request must be a form: `content-type: multipart/form-data`.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
