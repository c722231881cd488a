// Captures what a call is sent and what it answers, of calls whose policy asks for it; of all others nothing, at no cost.
import type { Call } from "../gateway/call.ts";
import { type Sink, wrapSink } from "../gateway/sink.ts";
import type { PromptLogging, Scope } from "../limits/policy.ts";
import type { KeyRecord } from "../store/port.ts";
import type { PromptLibrary } from "./library.ts";
import { redacted } from "./redact.ts";
import { promptLoggingOf } from "./wish.ts";

export interface Capture {
  /** The client's sink, of which a copy is kept. */
  wrap(sink: Sink): Sink;
  /** To be called when the answer has ended. Resolves when what was captured is durable, or was given up; never rejects. */
  kept(): Promise<void>;
}

export interface Captures {
  /** Null where nothing is to be captured. */
  begin(call: Call, caller: { readonly key: KeyRecord; readonly scopes: readonly Scope[] }): Capture | null;
}

export interface CapturesDeps {
  readonly library: Pick<PromptLibrary, "keep">;
  random(): number;
  /** Told of what could not be kept. */
  report(error: unknown, callId: string): void;
}

const dayMs = 86_400_000;
/** Of each side of a call no more is kept. */
const mostOfOne = 512 * 1024;
/** All calls under way together hold no more; what comes then is cut. */
const mostOfAll = 64 * 1024 * 1024;

export function createCaptures({ library, random, report }: CapturesDeps): Captures {
  let held = 0;

  /** How much of so many more bytes may be held by somebody who holds some. */
  function take(already: number, more: number): number {
    const room = Math.max(0, Math.min(more, mostOfOne - already, mostOfAll - held));
    held += room;
    return room;
  }

  function capture(call: Call, { id: keyId, customer, project }: KeyRecord, wish: PromptLogging): Capture {
    const sent = call.rawBody === "" ? JSON.stringify(call.body) : call.rawBody;
    const request = sent.slice(0, take(0, sent.length));
    const pieces: (string | Uint8Array)[] = [];
    let response = 0;
    let status: number | null = null;
    let truncated = request.length < sent.length;
    const copy = (data: string | Uint8Array): void => {
      const room = take(response, data.length);
      response += room;
      truncated ||= room < data.length;
      if (room > 0) pieces.push(room === data.length ? data : data.slice(0, room));
    };
    return {
      wrap: (sink) =>
        wrapSink(sink, {
          head(code, headers) {
            status = code;
            sink.head(code, headers);
          },
          write(data) {
            copy(data);
            return sink.write(data);
          },
          end(data) {
            if (data !== undefined) copy(data);
            sink.end(data);
          },
        }),
      async kept() {
        const { id, operation, models, openedAtMs: createdAtMs } = call;
        const expiresAtMs = createdAtMs + wish.retentionDays * dayMs;
        const record = { id, customer, project, keyId, operation, model: models[0] ?? "", createdAtMs, expiresAtMs };
        try {
          await library.keep(record, {
            request: await redacted(request, wish.redact),
            response: await redacted(joined(pieces), wish.redact),
            status,
            truncated,
            redacted: wish.redact,
          });
        } catch (error) {
          report(error, id);
        } finally {
          held -= request.length + response;
        }
      },
    };
  }

  return {
    begin(call, { key, scopes }) {
      const wish = promptLoggingOf(scopes);
      if (wish === null || call.preferences.zeroDataRetention || random() >= wish.sample) return null;
      return capture(call, key, wish);
    },
  };
}

/** Characters may be cut between pieces. Sound is no text, and is told by its length. */
function joined(pieces: readonly (string | Uint8Array)[]): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const piece of pieces) {
    text += typeof piece === "string" ? decoder.decode() + piece : decoder.decode(piece, { stream: true });
  }
  text += decoder.decode();
  return text.includes("\u0000") ? `(${text.length} characters that are no text)` : text;
}
