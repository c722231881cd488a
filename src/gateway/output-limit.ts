// The output limit of policies, imposed on a request that sets none itself: what was not asked for can't be reserved for either.
import type { ChatCall } from "./call.ts";
import { spliceBody } from "./splice.ts";

/**
 * The call with this limit in it, where its own request says nothing; a request that says more is refused by its policy.
 * @param limit the most tokens of an answer; null for no limit.
 */
export function withOutputLimit(call: ChatCall, limit: number | null): ChatCall {
  if (limit === null || call.peek === null || call.peek.maxOutputTokens !== null) return call;
  const members = call.dialect.limitOutput(limit, call.body);
  return {
    ...call,
    body: { ...call.body, ...members },
    rawBody: spliceBody(call.rawBody, { set: members, remove: [] }),
    peek: { ...call.peek, maxOutputTokens: limit },
  };
}
