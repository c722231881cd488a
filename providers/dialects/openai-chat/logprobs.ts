// Log probabilities: the wire's form is the neutral one, once its gaps are closed.
import type { Logprobs, TokenLogprob } from "../completion.ts";
import { list, object, string } from "../json.ts";

/** @returns null when there are none; a list that is there but empty says that too. */
export function readLogprobs(value: unknown): Logprobs | null {
  const logprobs = object(value);
  if (logprobs === null) return null;
  const content = tokens(logprobs.content);
  const refusal = tokens(logprobs.refusal);
  return content === null && refusal === null ? null : { content, refusal };
}

/** @returns null when the list is absent or null. */
function tokens(value: unknown): TokenLogprob[] | null {
  if (!Array.isArray(value)) return null;
  return value.flatMap((item) => {
    const token = tokenOf(item);
    return token === null ? [] : [{ ...token, top_logprobs: list(object(item)?.top_logprobs).flatMap(asToken) }];
  });
}

type Token = Omit<TokenLogprob, "top_logprobs">;

function asToken(value: unknown): Token[] {
  const token = tokenOf(value);
  return token === null ? [] : [token];
}

function tokenOf(value: unknown): Token | null {
  const item = object(value);
  const token = string(item?.token);
  if (item === null || token === null || typeof item.logprob !== "number") return null;
  const bytes = Array.isArray(item.bytes) ? item.bytes.filter((byte) => typeof byte === "number") : null;
  return { token, logprob: item.logprob, bytes };
}
