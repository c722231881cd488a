// Log probabilities for texts that no model made: invented, but always the same, and in OpenAI's form.
import type { TokenLogprob } from "../dialects/completion.ts";
import { digest } from "./identity.ts";

/** The log probability of a piece of a text, with `top` alternatives, the chosen one among them and first. */
export function logprobOf(piece: string, at: number, top: number): TokenLogprob {
  const chosen = { token: piece, logprob: chance(piece, at), bytes: bytesOf(piece) };
  const others = Array.from({ length: Math.max(0, top - 1) }, (_, rank) => {
    const token = `${piece}${"'".repeat(rank + 1)}`;
    return { token, logprob: chosen.logprob - 2 - rank, bytes: bytesOf(token) };
  });
  return { ...chosen, top_logprobs: top === 0 ? [] : [chosen, ...others] };
}

/** Between -0.5 and 0. */
function chance(piece: string, at: number): number {
  return -(Number.parseInt(digest(`${at}:${piece}`).slice(0, 4), 16) % 500) / 1000;
}

function bytesOf(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
