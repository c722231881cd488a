// A secret value that shows itself to nobody but the one who asks by name.

import { knownSecrets } from "../observe/log-known.ts";

const redacted = "[secret]";

/** Holds a secret so that logging, printing or serialising it shows `[secret]`. No line of the log can hold it from then on. */
export class Secret {
  readonly #value: string;
  /** The whole, and what of it could be shown alone: a secret may hold several (`id:secret:token`, JSON). Longest first. */
  readonly #parts: readonly string[];

  constructor(value: string) {
    this.#value = value;
    const pieces = value.split(/[\s:"'{},]+|\\n/).filter((piece) => piece.length >= 16);
    this.#parts = [value, ...pieces].filter((part) => part.length >= 8).sort((a, b) => b.length - a.length);
    // Of one that holds several, addresses are no secrets.
    const whole = pieces.length === 0 || pieces[0] === value;
    for (const part of whole ? [value] : pieces.filter((piece) => !/[@.]|\/\//.test(piece))) knownSecrets.add(part);
  }

  /** The value itself. Call it where the value is used, and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }

  /** Replaces every occurrence of the secret, or of a part of it, in a text that is about to be shown. */
  scrub(text: string): string {
    return this.#parts.reduce((shown, part) => shown.replaceAll(part, redacted), text);
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return redacted;
  }
}
