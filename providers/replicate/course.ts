// How an answer of Replicate's is come by: a prediction is made, its output streamed or waited for, and its metrics read at the end.
import type { CourseContext, UpstreamCourse, UpstreamRequest, UpstreamResponse } from "../define.ts";
import { isOver, type Prediction, readPrediction } from "./prediction.ts";

/** How often a prediction is looked at, milliseconds. */
const lookMs = 500;
/** How often at most after its stream has ended, when only its metrics are missing. */
const looksForMetrics = 6;

/**
 * A stream takes three requests: the prediction, the stream at the address that it names, and the prediction again, which is
 * handed on as a last event `prediction` (no event of Replicate's: its streams tell no metrics). A model that does not
 * stream gives that event alone. What is not streamed is asked to wait for its end (`Prefer: wait`), and looked at until it has
 * come: Replicate answers after a minute at most, and at times before the end (recordings).
 * A prediction that nobody waits for any more is cancelled: it is billed as long as it runs.
 */
export const predictionCourse: UpstreamCourse = async (request, context) => {
  const streamed = request.headers.accept === "text/event-stream";
  const { course: _, ...asked } = request;
  const response = await context.send(streamed ? asked : withHeaders(asked, { prefer: "wait" }));
  if (response.status >= 300) return response;
  const text = await textOf(response);
  const made = parse(text);
  if (made === null) return { ...response, status: 200, body: pieces(text) };
  const run = new Run(asked, made.id, context);
  if (!streamed) return { ...response, status: 200, body: pieces(await run.whole(text)) };
  return { status: 200, header: ofStream, body: run.stream(await run.open(made), text) };
};

/** One prediction, from its making to its end. */
class Run {
  readonly #asked: UpstreamRequest;
  readonly #id: string;
  readonly #context: CourseContext;
  #over = false;

  constructor(asked: UpstreamRequest, id: string, context: CourseContext) {
    this.#asked = asked;
    this.#id = id;
    this.#context = context;
  }

  /** @param text The prediction as it was made. */
  async whole(text: string): Promise<string> {
    try {
      return await this.#end(text);
    } finally {
      this.#close();
    }
  }

  /** The stream of its output; null when there is none to be had. */
  async open({ stream }: Prediction): Promise<UpstreamResponse | null> {
    const url = this.#reachable(stream);
    if (url === null) return null;
    // The address is a secret by itself; the key goes to the API and to nobody else.
    const { authorization: _, "content-type": _type, ...headers } = this.#asked.headers;
    const target = { method: "GET", baseUrl: url.origin, path: url.pathname + url.search, body: "" } as const;
    try {
      const events = await this.#context.send({ ...target, headers: { ...headers, "cache-control": "no-store" } });
      return events.status === 200 ? events : null;
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** @param text The prediction as it was made. */
  async *stream(events: UpstreamResponse | null, text: string): AsyncIterable<string | Uint8Array> {
    try {
      if (events !== null) yield* events.body;
      const last = events === null ? await this.#end(text) : await this.#metrics();
      if (last !== null) yield `\n\nevent: prediction\ndata: ${JSON.stringify(JSON.parse(last))}\n\n`;
    } finally {
      this.#close();
    }
  }

  /** Looks until it is over. */
  async #end(text: string): Promise<string> {
    for (let last = text; ; last = await this.#look()) {
      if (this.#sees(last)) return last;
      await this.#context.sleep(lookMs);
    }
  }

  /** The prediction once more, when it is over within a moment of its stream. What is missing then is counted instead. */
  async #metrics(): Promise<string | null> {
    for (let look = 0; look < looksForMetrics; look++) {
      if (look > 0) await this.#context.sleep(lookMs);
      const last = await this.#look();
      if (this.#sees(last)) return last;
    }
    return null;
  }

  /** Whether this is the prediction's end. A look that fails, because of too many of them perhaps, is none. */
  #sees(text: string): boolean {
    const prediction = parse(text);
    this.#over = prediction !== null && isOver(prediction);
    return this.#over;
  }

  async #look(): Promise<string> {
    return textOf(
      await this.#context.send(withHeaders({ ...this.#at(""), method: "GET" }, { accept: "application/json" })),
    );
  }

  #close(): void {
    if (!this.#over) this.#context.tell(this.#at("/cancel"));
    this.#over = true;
  }

  #at(path: string): UpstreamRequest {
    return { ...this.#asked, path: `/predictions/${encodeURIComponent(this.#id)}${path}`, body: "" };
  }

  /** An address that nobody can listen in on, or that is the API's own; else null. */
  #reachable(address: string | null): URL | null {
    if (address === null || !URL.canParse(address)) return null;
    const url = new URL(address);
    return url.protocol === "https:" || url.origin === new URL(this.#asked.baseUrl).origin ? url : null;
  }
}

function withHeaders(request: UpstreamRequest, headers: Readonly<Record<string, string>>): UpstreamRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

async function textOf({ body }: UpstreamResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) text += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
  return text;
}

function parse(text: string): Prediction | null {
  try {
    return readPrediction(JSON.parse(text));
  } catch {
    return null;
  }
}

async function* pieces(text: string): AsyncIterable<string> {
  yield text;
}

const ofStream: UpstreamResponse["header"] = (name) =>
  name.toLowerCase() === "content-type" ? "text/event-stream" : null;
