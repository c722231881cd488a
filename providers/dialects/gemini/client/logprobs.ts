// Reads Gemini's log probabilities into OpenAI's shape.
import type { Candidate, LogprobsResult, LogprobsResultCandidate, LogprobsResultTopCandidates } from "@google/genai";
import type { Logprobs, TokenLogprob } from "../../completion.ts";
import { asNumber, asObject, asObjects, asString, type Unread } from "../wire.ts";

/** The log probabilities of a candidate (natural logarithms in both); null when it has none. Gemini does not tell bytes. */
export function readLogprobs(candidate: Unread<Candidate>): Logprobs | null {
  const result = asObject<LogprobsResult>(candidate.logprobsResult);
  if (result === null) return null;
  const top = asObjects<LogprobsResultTopCandidates>(result.topCandidates);
  const content = asObjects<LogprobsResultCandidate>(result.chosenCandidates).map((chosen, step) => ({
    ...readToken(chosen),
    top_logprobs: asObjects<LogprobsResultCandidate>(top[step]?.candidates).map(readToken),
  }));
  return { content, refusal: null };
}

function readToken(token: Unread<LogprobsResultCandidate>): Omit<TokenLogprob, "top_logprobs"> {
  return { token: asString(token.token) ?? "", logprob: asNumber(token.logProbability) ?? 0, bytes: null };
}
