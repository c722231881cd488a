// A secret value that shows itself to nobody but the one who asks by name.

const redacted = "[secret]";

/** Holds a secret so that logging, printing or serialising it shows `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used, and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }

  /** Replaces every occurrence of the secret in a text that is about to be shown. */
  scrub(text: string): string {
    return this.#value.length < 8 ? text : text.replaceAll(this.#value, redacted);
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
