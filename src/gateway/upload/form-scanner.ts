// Takes a form (`multipart/form-data`, RFC 7578) apart as it comes, in pieces cut anywhere, without keeping its files.
import { GatewayError } from "../../errors.ts";

/** The longest header of a part that is read, bytes. */
const longestHeading = 16 * 1024;

export interface Heading {
  readonly name: string;
  readonly isFile: boolean;
  /** Where in the body the part's delimiter, its headers and its content begin. */
  readonly delimiter: number;
  readonly start: number;
  readonly contentStart: number;
}

/** Told of the parts in their order. */
export interface FormHandler {
  onPart(heading: Heading): void;
  onContent(bytes: Uint8Array): void;
  /** @param end where in the body the content ends. */
  onPartEnd(end: number): void;
}

export class FormScanner {
  readonly #delimiter: string;
  readonly #handler: FormHandler;
  #state: "content" | "delimited" | "heading" | "over" = "content";
  #inPart = false;
  /** What can't be judged yet. The body is read as if a line ended before it, as the first delimiter has none of its own. */
  #rest: Buffer = Buffer.from("\r\n");
  /** Where `#rest` begins in the body. */
  #at = -2;
  #delimitedAt = 0;

  constructor(boundary: string, handler: FormHandler) {
    this.#delimiter = `\r\n--${boundary}`;
    this.#handler = handler;
  }

  /** Whether the form's last delimiter has come. */
  get over(): boolean {
    return this.#state === "over";
  }

  /** @throws GatewayError `invalid_request` when this can't be a form. */
  push(bytes: Uint8Array): void {
    const buffer = Buffer.concat([this.#rest, bytes]);
    let from = 0;
    for (let to: number | null = 0; to !== null; ) {
      from = to;
      to = this.#step(buffer, from);
    }
    this.#at += from;
    this.#rest = buffer.subarray(from);
  }

  /** Takes what it can from this place on; the place after it, or null when more must come first. */
  #step(buffer: Buffer, from: number): number | null {
    switch (this.#state) {
      case "over":
        return from < buffer.length ? buffer.length : null;
      case "content":
        return this.#content(buffer, from);
      case "delimited":
        return this.#delimited(buffer, from);
      case "heading":
        return this.#heading(buffer, from);
    }
  }

  #content(buffer: Buffer, from: number): number | null {
    const found = buffer.indexOf(this.#delimiter, from, "latin1");
    // The end of what has come may be the beginning of a delimiter.
    const end = found === -1 ? buffer.length - this.#delimiter.length + 1 : found;
    if (end > from && this.#inPart) this.#handler.onContent(buffer.subarray(from, end));
    if (found === -1) return end > from ? end : null;
    if (this.#inPart) this.#handler.onPartEnd(this.#at + end);
    this.#inPart = false;
    this.#state = "delimited";
    this.#delimitedAt = this.#at + found + 2;
    return found + this.#delimiter.length;
  }

  /** Behind a delimiter: the end of its line, or the two hyphens that end the form. */
  #delimited(buffer: Buffer, from: number): number | null {
    if (buffer.length < from + 2) return null;
    if (buffer.toString("latin1", from, from + 2) === "--") {
      this.#state = "over";
      return from;
    }
    const end = buffer.indexOf("\r\n", from, "latin1");
    if (end === -1) return this.#more(buffer, from);
    this.#state = "heading";
    return end + 2;
  }

  #heading(buffer: Buffer, from: number): number | null {
    const end = buffer.indexOf("\r\n\r\n", from, "latin1");
    if (end === -1) return this.#more(buffer, from);
    const contentStart = end + 4;
    this.#state = "content";
    this.#inPart = true;
    this.#handler.onPart({
      ...read(buffer.toString("utf8", from, end)),
      delimiter: this.#delimitedAt,
      start: this.#at + from,
      contentStart: this.#at + contentStart,
    });
    return contentStart;
  }

  #more(buffer: Buffer, from: number): null {
    if (buffer.length - from > longestHeading) throw incomplete();
    return null;
  }
}

export function incomplete(): GatewayError {
  return new GatewayError("invalid_request", "The form in the request body is not complete.");
}

function read(heading: string): Pick<Heading, "name" | "isFile"> {
  const disposition = /^content-disposition:(.*)$/im.exec(heading)?.[1] ?? "";
  const name = /[;\s]name=(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  return { name: name?.[1] ?? name?.[2] ?? "", isFile: /[;\s]filename\*?=/i.test(disposition) };
}
