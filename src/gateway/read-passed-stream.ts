// Reads a stream that the client gets as it came: frames are watched, not rewritten. Two exceptions at the end: usage that the
// client did not ask for is withheld, and usage that it asked for is told the cost. One at the beginning, in dialects whose
// clients depend on it: the model has the name that the client asked for.
import type {
  AnswerContext,
  ClientDialect,
  ErrorView,
  Frame,
  ServerDialect,
  StreamWatcher,
} from "../../providers/dialects/dialect.ts";
import type { Framer } from "../../providers/dialects/frame.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { type AnswerReader, askedModel, failed, nothing, type Seen, type Step } from "./readers.ts";
import { type RawFrame, SseFramer } from "./sse.ts";
import { joined } from "./whole-body.ts";

/** How much of a stream is kept to count its tokens should the provider's usage never come, bytes. */
const sampleBytes = 64 * 1024;

/** A finish reason is in one of so many frames of content, or behind them. */
const latestFrames = 4;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface PassedStreamOptions {
  readonly dialect: Pick<ClientDialect, "watch" | "stream" | "framer">;
  readonly server: Pick<ServerDialect, "stream" | "withCost" | "withModel">;
  /** Its `includeUsage`: whether the client asked for usage, or its dialect always has it. */
  readonly context: AnswerContext;
}

export class PassedStreamReader implements AnswerReader {
  readonly #options: PassedStreamOptions;
  readonly #framer: Framer;
  readonly #watcher: StreamWatcher;
  /** The frames from the usage on: they wait for the cost. */
  #tail: RawFrame[] = [];
  /** The latest content frames: they, or the tail, hold the finish reason. */
  readonly #latest: Frame[] = [];
  readonly #sample: Frame[] = [];
  #sampleBytes = 0;
  #bytes = 0;
  readonly endsItself = true;
  /** The model's name for the heading; null when there is none to give, or it was given. */
  #model: string | null;

  constructor(options: PassedStreamOptions) {
    this.#options = options;
    this.#framer = options.dialect.framer?.() ?? new SseFramer();
    this.#watcher = options.dialect.watch();
    this.#model = askedModel(options.server, options.context);
  }

  get usage(): Usage | null {
    return this.#watcher.usage;
  }

  get ended(): boolean {
    return this.#watcher.ended && this.#tail.length > 0;
  }

  get finishReason(): string | null {
    return this.#decode([...this.#latest, ...this.#tail]).finish;
  }

  push(bytes: Uint8Array): Step {
    return this.#take(this.#framer.push(bytes));
  }

  end(): Step {
    const complete = this.#watcher.ended;
    const last = this.#take(this.#framer.end());
    // Nothing that a frame says after the end can spoil it, least of all one that was cut.
    if (complete) return { ...last, failure: null };
    if (last.failure !== null || this.#watcher.ended) return last;
    // What is left of a frame that was cut is not passed on: the error event would be glued to it.
    return { ...nothing, failure: failed("protocol", "The provider's stream ended before its end.") };
  }

  tail(_usage: Usage | null, costUsd: string | null): Uint8Array | string {
    let text = "";
    for (const frame of this.#tail) {
      const raw = decoder.decode(frame.raw);
      text += this.#isUsage(frame) ? this.#usageFrame(raw, costUsd) : raw;
    }
    return text;
  }

  fail(error: ErrorView): string {
    return this.#options.server.stream(this.#options.context).fail(error);
  }

  seen(): Seen {
    return {
      sample: this.#decode(this.#sample).text,
      scale: Math.max(1, this.#bytes / Math.max(1, this.#sampleBytes)),
    };
  }

  #take(frames: readonly RawFrame[]): Step {
    const out: Uint8Array[] = [];
    let content = false;
    for (const frame of frames) {
      if (frame.kind === "oversize") {
        return { out, content, failure: failed("protocol", "A frame of the provider's stream is too large.") };
      }
      if (frame.kind === "comment") {
        if (this.#tail.length === 0) out.push(frame.raw);
        continue;
      }
      const glance = this.#watcher.glance(frame);
      if (glance.kind === "error") {
        const failure = glance.failure ?? failed("server", "The provider reported an error in its stream.");
        return { out: merged(out), content, failure };
      }
      if (!this.#watcher.ended && !isReadable(frame.data)) {
        return {
          out: merged(out),
          content,
          failure: failed("protocol", "A frame of the provider's stream is no JSON."),
        };
      }
      if (glance.kind === "usage" || glance.kind === "end" || this.#tail.length > 0) {
        this.#tail.push(frame);
        continue;
      }
      if (glance.kind === "content") content = true;
      this.#keep(frame, glance.kind);
      out.push(this.#model === null ? frame.raw : this.#named(frame.raw, this.#model));
    }
    return { out: merged(out), content, failure: null };
  }

  #named(raw: Uint8Array, model: string): Uint8Array {
    const named = this.#options.server.withModel?.(decoder.decode(raw), model) ?? null;
    if (named === null) return raw;
    this.#model = null;
    return encoder.encode(named);
  }

  /** Keeps what it says, and not its bytes: a view of them would hold all that was read with it. */
  #keep({ event, data, raw }: RawFrame, kind: "preamble" | "content"): void {
    const said = { event, data };
    if (kind === "content" && this.#latest.push(said) > latestFrames) this.#latest.shift();
    this.#bytes += raw.length;
    if (this.#sampleBytes + raw.length > sampleBytes && this.#sampleBytes > 0) return;
    this.#sample.push(said);
    this.#sampleBytes += raw.length;
  }

  #isUsage(frame: RawFrame): boolean {
    return this.#options.dialect.watch().glance(frame).kind === "usage";
  }

  #usageFrame(raw: string, costUsd: string | null): string {
    if (!this.#options.context.includeUsage) return "";
    return costUsd === null ? raw : this.#options.server.withCost(raw, costUsd);
  }

  #decode(frames: readonly Frame[]): { text: string; finish: string | null } {
    const decoder = this.#options.dialect.stream();
    let text = "";
    let finish: string | null = null;
    for (const frame of frames) {
      for (const event of decoder.push(frame)) {
        if (event.type === "text" || event.type === "reasoning" || event.type === "refusal") text += event.text;
        else if (event.type === "tool-call") text += event.name;
        else if (event.type === "tool-arguments") text += event.delta;
        else if (event.type === "finish") finish = event.reason;
      }
    }
    return { text, finish };
  }
}

/** Whether a client could parse it, as far as its ends tell: what is spoiled on its way is cut, or something else altogether. */
function isReadable(data: string): boolean {
  if (data.startsWith("{") && data.endsWith("}")) return true;
  const trimmed = data.trim();
  return trimmed === "" || trimmed === "[DONE]" || (trimmed.startsWith("{") && trimmed.endsWith("}"));
}

/** One write for the frames of one read. */
function merged(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  if (frames.length < 2) return frames;
  return [
    joined(
      frames,
      frames.reduce((sum, frame) => sum + frame.length, 0),
    ),
  ];
}
