// Reads an answer that is passed on as it comes and not looked into: sound, or a stream of events of which only usage is read.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { EndpointDialect } from "../../providers/endpoints/endpoint.ts";
import { type AnswerReader, failed, nothing, type Seen, type Step } from "./readers.ts";
import { SseFramer } from "./sse.ts";

export class BytesReader implements AnswerReader {
  readonly #dialect: EndpointDialect;
  #type: string | null = null;
  #framer: SseFramer | null = null;
  readonly #known: () => Usage | null;
  #told: Usage | null = null;
  #empty = true;
  readonly finishReason = null;

  /** @param known what the request alone tells of the usage. */
  constructor(dialect: EndpointDialect, known: () => Usage | null) {
    this.#dialect = dialect;
    this.#known = known;
  }

  get usage(): Usage | null {
    return this.#told === null ? this.#known() : { ...this.#known(), ...this.#told };
  }

  head(header: HeaderLookup): void {
    this.#type = header("content-type");
    if (this.#type?.startsWith("text/event-stream")) this.#framer = new SseFramer();
  }

  get headers(): Readonly<Record<string, string>> {
    return { "content-type": this.#type ?? "application/octet-stream" };
  }

  push(bytes: Uint8Array): Step {
    if (bytes.length === 0) return nothing;
    this.#empty = false;
    for (const frame of this.#framer?.push(bytes) ?? []) if (frame.kind === "event") this.#read(frame.data);
    return { out: [bytes], content: true, failure: null };
  }

  end(): Step {
    if (!this.#empty) return nothing;
    return { ...nothing, failure: failed("protocol", "The provider's answer is empty.") };
  }

  tail(): string {
    return "";
  }

  /** A client would take words for sound. */
  fail(): null {
    return null;
  }

  seen(): Seen {
    return { sample: "", scale: 1 };
  }

  #read(data: string): void {
    if (!data.includes('"usage"')) return;
    try {
      const event: unknown = JSON.parse(data);
      const told = typeof event === "object" && event !== null ? this.#dialect.streamUsage?.({ ...event }) : null;
      if (told) this.#told = { ...this.#told, ...told };
    } catch {
      // What is not JSON holds no usage.
    }
  }
}
