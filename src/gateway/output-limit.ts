// The output limit of policies, imposed on a request that sets none itself: what was not asked for can't be reserved for either.
import { GatewayError } from "../errors.ts";
import type { AnswerDialect, Call, ChatCall } from "./call.ts";
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

/**
 * The same for a call of OpenAI's older completions, whose limit is `max_tokens`. What other operations make has no tokens that a
 * request could limit.
 * @throws GatewayError `too_many_tokens` when it asks for more.
 */
export function withCompletionLimit<Dialect extends AnswerDialect>(
  call: Call<Dialect>,
  limit: number | null,
): Call<Dialect> {
  if (limit === null || call.operation !== "completions") return call;
  const asked = call.body.max_tokens;
  if (typeof asked === "number") {
    if (asked <= limit) return call;
    throw new GatewayError("too_many_tokens", `This key's answers may have ${limit} tokens. Ask for no more.`, {
      param: "max_tokens",
    });
  }
  const members = { max_tokens: limit };
  return {
    ...call,
    body: { ...call.body, ...members },
    rawBody: spliceBody(call.rawBody, { set: members, remove: [] }),
  };
}
