// Reads Cohere's chat answers in the plainest way, to compare with what the dialect makes of them.

export interface WireMessage {
  content?: { type: string; text?: string; thinking?: string }[];
  tool_plan?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  citations?: { text: string; sources: unknown[]; type?: string }[];
}
export interface WireUsage {
  readonly tokens: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly image_tokens?: number;
    readonly reasoning_tokens?: number;
  };
  readonly cached_tokens?: number;
}
export interface Wire {
  readonly id: string;
  readonly message: WireMessage;
  readonly finish_reason: string;
  readonly usage?: WireUsage;
}

/** What a message says, in few words. */
export function said(message: WireMessage) {
  const content = message.content ?? [];
  return {
    text: content.map(({ text }) => text ?? "").join(""),
    reasoning: content.map(({ thinking }) => thinking ?? "").join("") + (message.tool_plan ?? ""),
    calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
      id,
      name,
      input: JSON.parse(args || "{}") ?? {},
    })),
    cited: (message.citations ?? []).flatMap(({ text, sources }) => sources.map(() => text)),
  };
}

/** Words for `finish_reason` that no dialect owns. */
export const finishes: Readonly<Record<string, string>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
};

/** The message that a stream's events make, put together with nothing of the decoder. */
export function readStream(body: string): Wire {
  const message: Required<WireMessage> = { content: [], tool_plan: "", tool_calls: [], citations: [] };
  let end: Pick<Wire, "finish_reason" | "usage"> = { finish_reason: "" };
  let id = "";
  for (const line of body.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const { type, index, delta, id: own } = JSON.parse(line.slice("data: ".length));
    if (type === "message-start") id = own;
    if (type === "content-start") message.content[index] = { type: "", text: "", thinking: "" };
    const item = message.content[index];
    if (type?.startsWith("content-") && delta && item) {
      item.text += delta.message.content.text ?? "";
      item.thinking += delta.message.content.thinking ?? "";
    }
    if (type === "tool-plan-delta") message.tool_plan += delta.message.tool_plan;
    if (type === "tool-call-start") message.tool_calls[index] = delta.message.tool_calls;
    const call = message.tool_calls[index];
    if (type === "tool-call-delta" && call) call.function.arguments += delta.message.tool_calls.function.arguments;
    if (type === "citation-start") message.citations.push(delta.message.citations);
    if (type === "message-end") end = delta;
  }
  return { id, message, ...end };
}
