// Reads a prediction that is over as a chat answer.
import { outputText, type Prediction, readPrediction } from "../../../replicate/prediction.ts";
import type { Completion, FinishReason } from "../../completion.ts";
import type { ProviderFailure } from "../../failure.ts";
import { failedPrediction, protocolFailure } from "../error.ts";

/** Throws nothing: what is no answer gives a failure. */
export function decodeResponse(body: unknown): Completion | ProviderFailure {
  const prediction = readPrediction(body);
  if (prediction === null) return protocolFailure("The provider's answer is not a prediction.");
  const failure = failureOf(prediction);
  if (failure !== null) return failure;
  const text = outputText(prediction);
  if (text === null) return protocolFailure("The prediction's output is not text.");
  const { id, model, createdS, usage, status } = prediction;
  const finish = finishOf(prediction);
  return {
    id,
    model,
    createdS,
    choices: [{ index: 0, content: [{ type: "text", text }], finish, rawFinish: status, logprobs: null }],
    usage,
    serviceTier: null,
    systemFingerprint: null,
  };
}

/** Null for a prediction that succeeded. */
export function failureOf({ status, error }: Prediction): ProviderFailure | null {
  if (status === "succeeded") return null;
  return failedPrediction(error ?? (status === "failed" ? null : `The prediction was ${status}.`));
}

/** Replicate does not say why a model stopped; one that has used up what it was given was stopped by that. */
export function finishOf({ usage, maxTokens }: Prediction): FinishReason {
  return usage !== null && maxTokens !== null && usage.outputTokens >= maxTokens ? "length" : "stop";
}
