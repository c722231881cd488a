// Reads the whole answer of an operation that is not chat: passed on as it came, or written in OpenAI's shape.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Asked, EndpointAnswer, EndpointDialect } from "../../providers/endpoints/endpoint.ts";
import { type AnswerReader, failed, nothing, type Seen, type Step } from "./readers.ts";
import { WholeBody } from "./whole-body.ts";

/** Bytes. Shorter answers are parsed in less than a millisecond. */
const glanceFrom = 65_536;

export interface JsonOptions {
  readonly dialect: EndpointDialect;
  readonly asked: Omit<Asked, "header">;
  /** What the request alone tells of the usage. */
  known(): Usage | null;
  readonly maxBytes: number;
}

export class JsonReader implements AnswerReader {
  readonly #options: JsonOptions;
  #header: HeaderLookup = () => null;
  readonly #gathered: WholeBody;
  #body: Uint8Array | null = null;
  #answer: EndpointAnswer | null = null;
  readonly finishReason = null;

  constructor(options: JsonOptions) {
    this.#options = options;
    this.#gathered = new WholeBody(options.maxBytes);
  }

  get usage(): Usage | null {
    return this.#answer?.usage ?? this.#options.known();
  }

  head(header: HeaderLookup): void {
    this.#header = header;
  }

  /** A transcription may be plain text, as the request asked. */
  get headers(): Readonly<Record<string, string>> {
    const type = this.#header("content-type");
    return type === null || type.includes("json") ? {} : { "content-type": type };
  }

  push(bytes: Uint8Array): Step {
    return this.#gathered.push(bytes);
  }

  end(): Step {
    const body = this.#gathered.take();
    this.#body = body;
    if (body.length > glanceFrom && this.#isGlanced(body)) return { out: [], content: true, failure: null };
    const isText = this.#header("content-type")?.startsWith("text/") === true;
    const parsed = parse(body);
    if (parsed === null) {
      if (isText) return { out: [], content: true, failure: null };
      return { ...nothing, failure: failed("protocol", "The provider's answer is not a JSON object.") };
    }
    const { dialect, asked } = this.#options;
    const answer = dialect.decode(parsed, { ...asked, header: this.#header });
    if ("kind" in answer) return { ...nothing, failure: answer };
    this.#answer = answer;
    return { out: [], content: true, failure: null };
  }

  /** Whether a glance is enough: the answer is passed on as it came. */
  #isGlanced(body: Uint8Array): boolean {
    const { dialect, asked } = this.#options;
    const glanced = dialect.glance?.(body) ?? null;
    const answer = glanced === null ? null : dialect.decode(glanced, { ...asked, header: this.#header });
    if (answer === null || "kind" in answer || answer.write !== null) return false;
    this.#answer = answer;
    return true;
  }

  tail(usage: Usage | null): string | Uint8Array {
    const write = this.#answer?.write ?? null;
    return write === null ? (this.#body ?? "") : JSON.stringify(write(usage));
  }

  fail(): string {
    throw new Error("an answer that is not streamed fails as a whole");
  }

  seen(): Seen {
    return { sample: "", scale: 1 };
  }
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
