// Items: what a response was given and what it answered, as OpenAI's responses API lists them. Pure.

export type Item = Readonly<Record<string, unknown>>;

/** `input` of a request as items; null when it is none, which its reader will say. */
export function itemsOf(input: unknown): readonly Item[] | null {
  if (typeof input === "string") return [{ type: "message", role: "user", content: input }];
  return Array.isArray(input) && input.every(isItem) ? input : null;
}

export function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How long items are as JSON, UTF-16 units. */
export function lengthOf(items: readonly Item[]): number {
  return JSON.stringify(items).length;
}

/** The id of an item to which this one refers, instead of being one; null when it refers to none. */
export function referenceOf({ type, id, role }: Item): string | null {
  const refers = type === "item_reference" || (type === undefined && role === undefined);
  return refers && typeof id === "string" ? id : null;
}

const prefixes: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  function_call_output: "fco",
};

/**
 * The items that a response was given, as they are listed: complete messages, each item with an id. Clients mostly give none, so
 * it is made from the response's id, the same one each time.
 */
export function listedInput(responseId: string, input: readonly Item[]): readonly Item[] {
  return input.map((item, at) => {
    const type = typeof item.type === "string" ? item.type : "message";
    const id = typeof item.id === "string" ? item.id : `${prefixes[type] ?? "item"}_${wordOf(responseId)}_i${at}`;
    return type === "message" ? { ...item, ...messageOf(item), id } : { ...item, id };
  });
}

function messageOf({ role, content, status }: Item): Item {
  const text = role === "assistant" ? { type: "output_text", annotations: [] } : { type: "input_text" };
  return {
    type: "message",
    status: status ?? "completed",
    content: typeof content === "string" ? [{ ...text, text: content }] : content,
  };
}

/** The response that an item of ours belongs to, by the item's id; null for ids that others have made. */
export function responseOf(itemId: string): string | null {
  const word = /^[a-z]+_resp([A-Za-z0-9]+)_i?\d+$/.exec(itemId)?.[1];
  return word === undefined ? null : `resp_${word}`;
}

/** As the responses dialect makes ids of the items that it answers (`msg_resp…_0`). */
function wordOf(responseId: string): string {
  return responseId.replace(/[^a-zA-Z0-9]/g, "");
}
