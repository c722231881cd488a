// Writes log probabilities as Gemini's `logprobsResult`.
import type { Logprobs, TokenLogprob } from "../../completion.ts";

interface WireToken {
  readonly token: string;
  readonly logProbability: number;
}

export interface WireLogprobs {
  readonly logprobsResult: {
    readonly chosenCandidates: readonly WireToken[];
    readonly topCandidates: readonly { readonly candidates: readonly WireToken[] }[];
  };
  /** The mean over the tokens (SDK, `Candidate.avgLogprobs`). */
  readonly avgLogprobs?: number;
}

/** Natural logarithms in both. Null when no tokens are told. */
export function writeLogprobs(logprobs: Logprobs | null): WireLogprobs | null {
  const tokens = [...(logprobs?.content ?? []), ...(logprobs?.refusal ?? [])];
  if (tokens.length === 0) return null;
  return {
    logprobsResult: {
      chosenCandidates: tokens.map(writeToken),
      topCandidates: tokens.map((token) => ({ candidates: token.top_logprobs.map(writeToken) })),
    },
    avgLogprobs: tokens.reduce((sum, { logprob }) => sum + logprob, 0) / tokens.length,
  };
}

function writeToken({ token, logprob }: Pick<TokenLogprob, "token" | "logprob">): WireToken {
  return { token, logProbability: logprob };
}
