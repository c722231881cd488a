// A prediction: what Replicate answers to every request (Replicate HTTP API reference, "Create a prediction").
import { count, type Json, list, object, string, text } from "../dialects/json.ts";
import type { Usage } from "../dialects/usage.ts";

export interface Prediction {
  readonly id: string;
  /** `starting` and `processing`, then `succeeded`, `failed`, `canceled` or `aborted`. */
  readonly status: string;
  readonly output: unknown;
  readonly error: string | null;
  /** Where its output is streamed, for models that stream. */
  readonly stream: string | null;
  readonly createdS: number | null;
  readonly model: string;
  /** Counted by Replicate for its language models; null for others, and before the end. */
  readonly usage: Usage | null;
  /** How many tokens the answer could have at most, as the prediction repeats its input; null when that was not said. */
  readonly maxTokens: number | null;
}

/** Null when it is none. */
export function readPrediction(value: unknown): Prediction | null {
  const wire = object(value);
  const id = text(wire?.id);
  const status = text(wire?.status);
  if (wire === null || id === null || status === null) return null;
  const createdMs = Date.parse(string(wire.created_at) ?? "");
  return {
    id,
    status,
    output: wire.output ?? null,
    error: wire.error === null || wire.error === undefined ? null : (text(wire.error) ?? JSON.stringify(wire.error)),
    stream: text(object(wire.urls)?.stream),
    createdS: Number.isNaN(createdMs) ? null : Math.floor(createdMs / 1000),
    model: string(wire.model) ?? "",
    usage: usageOf(object(wire.metrics)),
    maxTokens: limitOf(object(wire.input)),
  };
}

export function isOver({ status }: Prediction): boolean {
  return status !== "starting" && status !== "processing";
}

/** The text of a language model: one piece, or pieces to be joined; null when the output is something else. */
export function outputText({ output }: Prediction): string | null {
  if (typeof output === "string") return output;
  return Array.isArray(output) && output.every((piece) => typeof piece === "string") ? output.join("") : null;
}

/** The addresses of the files that a model made: one, several, or objects that hold one. */
export function outputFiles({ output }: Prediction): readonly string[] {
  const items = Array.isArray(output) ? list(output) : [output];
  return items.map((item) => text(item) ?? text(object(item)?.url)).filter((url) => url !== null);
}

/** The names that models have for it. */
export const limitNames = ["max_tokens", "max_new_tokens", "max_completion_tokens", "max_output_tokens"] as const;

function limitOf(input: Json | null): number | null {
  for (const name of limitNames) if (count(input?.[name]) !== null) return count(input?.[name]);
  return null;
}

/** Cog documentation, "Metrics". */
function usageOf(metrics: Json | null): Usage | null {
  const inputTokens = count(metrics?.input_token_count);
  const outputTokens = count(metrics?.output_token_count);
  return inputTokens === null || outputTokens === null ? null : { inputTokens, outputTokens };
}
