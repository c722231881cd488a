// Reads an answer that is not streamed: held whole, checked, then passed on as it came or written in the client's dialect.
import type { Completion } from "../../providers/dialects/completion.ts";
import type { AnswerContext, ClientDialect, ServerDialect } from "../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { firstCallOnly } from "./one-call.ts";
import { type AnswerReader, askedModel, failed, nothing, type Seen, type Step } from "./readers.ts";
import { spliceBody } from "./splice.ts";
import { WholeBody } from "./whole-body.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface WholeOptions {
  readonly from: ClientDialect;
  readonly to: ServerDialect;
  readonly context: AnswerContext;
  /** Passed on byte for byte when true, but for the model's name where the dialect's clients depend on it. */
  readonly passthrough: boolean;
  /** Told to the client with its first tool call alone when true. */
  readonly oneCall: boolean;
  readonly maxBytes: number;
}

export class WholeReader implements AnswerReader {
  readonly #options: WholeOptions;
  readonly #gathered: WholeBody;
  #body: Uint8Array | null = null;
  #completion: Completion | null = null;
  readonly endsItself = true;
  usage: Usage | null = null;

  constructor(options: WholeOptions) {
    this.#options = options;
    this.#gathered = new WholeBody(options.maxBytes);
  }

  push(bytes: Uint8Array): Step {
    return this.#gathered.push(bytes);
  }

  end(): Step {
    const body = this.#gathered.take();
    const parsed = parse(body);
    if (!isObject(parsed)) {
      return { ...nothing, failure: failed("protocol", "The provider's answer is not a JSON object.") };
    }
    const { from, passthrough } = this.#options;
    const decoded = from.decode(parsed);
    if (isFailure(decoded)) {
      // A passthrough may carry what this version can't read, but not a failure dressed as a success.
      if (!passthrough || "error" in parsed) return { ...nothing, failure: decoded };
      this.usage = from.usage(parsed);
    } else {
      this.#completion = decoded;
      this.usage = decoded.usage;
    }
    this.#body = passthrough ? this.#named(body) : null;
    return { out: [], content: true, failure: null };
  }

  tail(usage: Usage | null, costUsd: string | null): string | Uint8Array {
    if (this.#body !== null) return this.#body;
    if (this.#completion === null) return "";
    const { to, context, oneCall } = this.#options;
    const completion = oneCall ? firstCallOnly(this.#completion) : this.#completion;
    return JSON.stringify(to.write({ ...completion, usage }, context, { usd: costUsd }));
  }

  #named(body: Uint8Array): Uint8Array {
    const { to, context } = this.#options;
    const model = askedModel(to, context);
    if (model === null) return body;
    return encoder.encode(spliceBody(decoder.decode(body), { set: { model }, remove: [] }));
  }

  get finishReason(): string | null {
    return this.#completion?.choices[0]?.finish ?? null;
  }

  fail(): string {
    throw new Error("an answer that is not streamed fails as a whole");
  }

  seen(): Seen {
    return { sample: this.#completion === null ? "" : textOf(this.#completion), scale: 1 };
  }
}

function textOf(completion: Completion): string {
  let text = "";
  for (const choice of completion.choices) {
    for (const part of choice.content) {
      if (part.type === "text" || part.type === "refusal" || part.type === "reasoning") text += part.text;
      else if (part.type === "tool-call") text += part.name + part.arguments;
    }
  }
  return text;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return null;
  }
}

function isFailure(value: Completion | ProviderFailure): value is ProviderFailure {
  return "kind" in value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
