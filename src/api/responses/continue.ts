// Continuation: a request that refers to earlier responses, or to items of them, becomes one that holds them.
import type { ServerDialect } from "../../../providers/dialects/dialect.ts";
import { GatewayError } from "../../errors.ts";
import type { ChatCall } from "../../gateway/call.ts";
import { spliceBody } from "../../gateway/splice.ts";
import { type Item, itemsOf, lengthOf, listedInput, referenceOf, responseOf } from "./items.ts";
import { type Library, outputOf } from "./library.ts";

/** A call that depends on nothing that is kept here any more. */
export interface Continued {
  readonly call: ChatCall;
  /** The items of its own turn; null where its `input` is none. */
  readonly own: readonly Item[] | null;
  /** The response that it goes on from; null where it begins a conversation, as far as is known here. */
  readonly previousId: string | null;
  /** The connection whose provider keeps the response that it goes on from; null where that is none, or kept here. */
  readonly keeper: string | null;
}

/**
 * Puts what is kept here in place of references to it.
 * @throws GatewayError `previous_response_not_found`, `request_too_large`, `invalid_request`.
 */
export async function continued(call: ChatCall, customer: string, library: Library): Promise<Continued> {
  const previousId = previousOf(call);
  const given = itemsOf(call.body.input);
  const own = given === null ? null : await resolved(given, customer, library);
  const whole = own === null || own === given ? call : holding(call, own);
  if (previousId === null) return { call: whole, own, previousId, keeper: null };
  const earlier = await library.conversation(customer, previousId);
  switch (earlier.kind) {
    case "elsewhere":
      return { call: whole, own, previousId: null, keeper: earlier.keeper };
    case "here":
      if (own === null) throw invalid("input", "expected a string or an array of items");
      return { call: goingOn(call, earlier.items, own), own, previousId, keeper: null };
    case "unknown":
      throw notFound(`Previous response with id '${previousId}' not found.`);
    case "broken":
      throw notFound(`An earlier response of the conversation of '${previousId}' is not stored any more.`);
    case "too_long":
      throw tooLong("previous_response_id");
  }
}

function previousOf({ body }: ChatCall): string | null {
  const id = body.previous_response_id ?? null;
  if (id === null) return null;
  if (typeof id !== "string") throw invalid("previous_response_id", "expected the id of a response");
  if ((body.conversation ?? null) !== null) {
    throw invalid("previous_response_id", "it can't be used together with `conversation`");
  }
  return id;
}

/** The items, with those in place that others only refer to. The same array when there are none that are kept here. */
async function resolved(items: readonly Item[], customer: string, library: Library): Promise<readonly Item[]> {
  const wanted = new Set(items.map((item) => responseOf(referenceOf(item) ?? "")).filter((id) => id !== null));
  if (wanted.size === 0) return items;
  const found = await library.find(customer, [...wanted]);
  const records = [...found.values()].filter(({ keeper }) => keeper === null);
  if (records.reduce((sum, { length }) => sum + length, 0) > library.maxLength) throw tooLong("input");
  const known = new Map<unknown, { readonly item: Item; readonly length: number }>();
  for (const [at, content] of (await library.read(records)).entries()) {
    const input = listedInput(records[at]?.id ?? "", content.input);
    for (const item of [...input, ...outputOf(content)]) known.set(item.id, { item, length: lengthOf([item]) });
  }
  let length = 0;
  return items.map((item) => {
    const referred = known.get(referenceOf(item));
    length += referred?.length ?? 0;
    // An item may be referred to any number of times.
    if (length > library.maxLength) throw tooLong("input");
    return referred?.item ?? item;
  });
}

/** The call with these items as its input. */
function holding(call: ChatCall, input: readonly Item[]): ChatCall {
  const body = { ...call.body, input };
  return {
    ...call,
    body,
    rawBody: spliceBody(call.rawBody, { set: { input }, remove: [] }),
    peek: call.dialect.peek(body),
  };
}

/** The call with these items before its own, instead of a reference to them. */
function goingOn(call: ChatCall, earlier: readonly Item[], own: readonly Item[]): ChatCall {
  const { previous_response_id: _, ...rest } = call.body;
  const input = [...earlier, ...own];
  const body = { ...rest, input };
  return {
    ...call,
    body,
    rawBody: spliceBody(call.rawBody, { set: { input }, remove: ["previous_response_id"] }),
    peek: call.dialect.peek(body),
    dialect: inClientsTerms(call.dialect, earlier.length, typeof call.body.input === "string"),
  };
}

/** The dialect, which names places in `input` as the client knows them: without the items that were put before its own. */
function inClientsTerms(dialect: ServerDialect, before: number, whole: boolean): ServerDialect {
  const place = (at: number): string => {
    if (at < before) return "previous_response_id";
    return whole ? "input" : `input[${at - before}]`;
  };
  const told = (text: string): string => text.replace(/\binput\[(\d+)\]/g, (_, at: string) => place(Number(at)));
  return {
    ...dialect,
    param: (member, body) => told(dialect.param(member, body)),
    read: (body) => {
      const read = dialect.read(body);
      if ("messages" in read) return read;
      return { param: read.param === null ? null : told(read.param), message: told(read.message) };
    },
  };
}

function tooLong(param: string): GatewayError {
  return new GatewayError(
    "request_too_large",
    "The conversation is longer than a request may be. Begin another one, with what matters of this one in `input`.",
    { param },
  );
}

function notFound(message: string): GatewayError {
  const advice = "Send the earlier items in `input`.";
  return new GatewayError("previous_response_not_found", `${message} ${advice}`, { param: "previous_response_id" });
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${problem}.`, { param });
}
