// Reads the stream of a prediction (Replicate documentation, "Streaming output"), with the prediction itself as its last event.
import { outputText, readPrediction } from "../../../replicate/prediction.ts";
import type { CompletionEvent } from "../../completion.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import { object, text } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { failedPrediction, protocolFailure } from "../error.ts";
import { failureOf, finishOf } from "./response.ts";

/** Events: `output` with plain text, `error` and `done` with JSON, `logs` at times; `prediction` is the course's. */
export class PredictionStreamDecoder implements StreamDecoder {
  usage: Usage | null = null;
  #said = false;
  #done = false;
  #finished = false;

  push(frame: Frame): readonly CompletionEvent[] {
    if (this.#finished) return [];
    switch (frame.event) {
      case "output":
        if (frame.data === "") return [];
        this.#said = true;
        return [{ type: "text", choice: 0, part: 0, text: frame.data }];
      case "error":
        return this.#fail(text(object(parse(frame.data))?.detail) ?? (frame.data || null));
      case "done":
        return this.#takeDone(object(parse(frame.data))?.reason);
      case "prediction":
        return this.#takePrediction(frame.data);
      default:
        return [];
    }
  }

  end(): readonly CompletionEvent[] {
    if (this.#finished) return [];
    this.#finished = true;
    // It has ended well, and its metrics could not be had.
    if (this.#done) return [{ type: "finish", choice: 0, reason: "stop", raw: null }];
    return [{ type: "error", failure: protocolFailure("The provider's stream ended before its end.") }];
  }

  #takeDone(reason: unknown): readonly CompletionEvent[] {
    if (reason === "error" || reason === "canceled")
      return this.#fail(reason === "error" ? null : "The prediction was canceled.");
    this.#done = true;
    return [];
  }

  #takePrediction(data: string): readonly CompletionEvent[] {
    const prediction = readPrediction(parse(data));
    if (prediction === null) return [];
    const failure = failureOf(prediction);
    this.usage = prediction.usage;
    this.#finished = true;
    if (failure !== null) return [{ type: "error", failure }];
    const whole = this.#said ? "" : outputText(prediction);
    if (whole === null) return [{ type: "error", failure: protocolFailure("The prediction's output is not text.") }];
    return [
      ...(whole === "" ? [] : [{ type: "text", choice: 0, part: 0, text: whole } as const]),
      { type: "finish", choice: 0, reason: finishOf(prediction), raw: prediction.status },
      ...(prediction.usage === null ? [] : [{ type: "usage", usage: prediction.usage } as const]),
    ];
  }

  #fail(message: string | null): readonly CompletionEvent[] {
    this.#finished = true;
    return [{ type: "error", failure: failedPrediction(message) }];
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
