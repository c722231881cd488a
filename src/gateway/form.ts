// Forms (`multipart/form-data`, RFC 7578): reads their fields, and edits some of them without touching the bytes of the others.
import type { BodyEdits } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";

interface Part {
  readonly name: string;
  readonly isFile: boolean;
  /** Of the part's headers, and of its content, in the body. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
}

export interface Form {
  readonly bytes: Uint8Array;
  readonly boundary: string;
  readonly parts: readonly Part[];
  /** The text fields by name; of a repeated one the last. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Fields that are not texts: what JSON would write as such. */
const notText = new Set(["stream", "drop_params", "models", "provider"]);

/**
 * @param type the request's `content-type`.
 * @throws GatewayError `unsupported_media_type`, `invalid_request`.
 */
export function readForm(bytes: Uint8Array, type: string | null): Form {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) {
    throw new GatewayError(
      "unsupported_media_type",
      "The request must be a form: `content-type: multipart/form-data`.",
    );
  }
  const parts = partsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), boundary);
  const decoder = new TextDecoder();
  const fields: Record<string, unknown> = {};
  for (const { name, isFile, contentStart, contentEnd } of parts) {
    if (isFile) continue;
    const text = decoder.decode(bytes.subarray(contentStart, contentEnd));
    fields[name] = notText.has(name) ? parsed(text) : text;
  }
  return { bytes, boundary, parts, fields };
}

/** The content of the first file of this name; null when there is none. */
export function fileOf({ bytes, parts }: Form, name: string): Uint8Array | null {
  const part = parts.find((one) => one.isFile && one.name === name);
  return part === undefined ? null : bytes.subarray(part.contentStart, part.contentEnd);
}

/** The form with fields set or removed; every other part keeps its bytes. */
export function spliceForm(form: Form, edits: BodyEdits): Uint8Array {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  for (const part of form.parts) {
    if (edits.remove.includes(part.name) || part.name in edits.set) continue;
    pieces.push(encoder.encode(`--${form.boundary}\r\n`), form.bytes.subarray(part.start, part.contentEnd), crlf);
  }
  for (const [name, value] of Object.entries(edits.set)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const heading = `content-disposition: form-data; name="${name}"`;
    pieces.push(encoder.encode(`--${form.boundary}\r\n${heading}\r\n\r\n${text}\r\n`));
  }
  pieces.push(encoder.encode(`--${form.boundary}--\r\n`));
  return Buffer.concat(pieces);
}

const crlf = new Uint8Array([0x0d, 0x0a]);

function partsOf(body: Buffer, boundary: string): readonly Part[] {
  const parts: Part[] = [];
  const delimiter = `--${boundary}`;
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const after = at + delimiter.length;
    if (body.toString("latin1", after, after + 2) === "--") return parts;
    const start = body.indexOf("\r\n", after) + 2;
    const contentStart = body.indexOf("\r\n\r\n", start - 2) + 4;
    const next = body.indexOf(`\r\n${delimiter}`, contentStart - 2);
    if (start < 2 || contentStart < 4 || next === -1) break;
    const { name, isFile } = headingOf(body.toString("utf8", start, contentStart));
    parts.push({ name, isFile, start, contentStart, contentEnd: next });
    at = next + 2;
  }
  throw new GatewayError("invalid_request", "The form in the request body is not complete.");
}

function headingOf(heading: string): Pick<Part, "name" | "isFile"> {
  const disposition = /^content-disposition:(.*)$/im.exec(heading)?.[1] ?? "";
  const name = /[;\s]name=(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  return { name: name?.[1] ?? name?.[2] ?? "", isFile: /[;\s]filename\*?=/i.test(disposition) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
