// Cohere's Chat API v2 as a scripted model writes it (docs.cohere.com "Chat API (v2)", "Streaming"; recordings of Cohere).
// Text beside calls is `tool_plan` there.
import type { Json, JsonObject } from "../../support/recordings.ts";
import {
  halves,
  joined,
  object,
  objects,
  ofDataUrl,
  parsed,
  type Said,
  type Turn,
  textsOf,
  typed,
  type Wire,
} from "./said.ts";

export const cohereWire: Wire = {
  dialect: "cohere",
  model: "cohere/command-a-plus-05-2026",
  streamType: "text/event-stream",
  signature: null,
  lacks: { reasoningTokens: true },
  form: ({ path, body }) => (path !== "/v2/chat" ? null : JSON.parse(body).stream === true ? "stream" : "whole"),
  whole: (said) => {
    const content = contentOf(said);
    return {
      id: "scripted",
      message: {
        role: "assistant",
        ...(content.length === 0 ? {} : { content }),
        ...(said.calls.length === 0 ? {} : { tool_plan: said.text, tool_calls: said.calls.map(call) }),
      },
      finish_reason: finish(said),
      usage: usage(said),
    };
  },
  stream: (said) => {
    const events: (JsonObject & { readonly type: string })[] = [
      { id: "scripted", type: "message-start", delta: { message: { role: "assistant", content: [] } } },
    ];
    for (const [index, block] of contentOf(said).entries()) {
      const member = String(block.type);
      const delta = (content: JsonObject): JsonObject => ({ message: { content } });
      events.push({ type: "content-start", index, delta: delta({ type: member, [member]: "" }) });
      for (const piece of halves(String(block[member]))) {
        events.push({ type: "content-delta", index, delta: delta({ [member]: piece }) });
      }
      events.push({ type: "content-end", index });
    }
    if (said.calls.length > 0 && said.text !== "") {
      for (const tool_plan of halves(said.text))
        events.push({ type: "tool-plan-delta", delta: { message: { tool_plan } } });
    }
    for (const [index, one] of said.calls.entries()) {
      const whole = call(one);
      const tool_calls = { ...whole, function: { ...whole.function, arguments: "" } };
      events.push({ type: "tool-call-start", index, delta: { message: { tool_calls } } });
      for (const piece of halves(whole.function.arguments)) {
        const more = { function: { arguments: piece } };
        events.push({ type: "tool-call-delta", index, delta: { message: { tool_calls: more } } });
      }
      events.push({ type: "tool-call-end", index });
    }
    events.push({ type: "message-end", delta: { finish_reason: finish(said), usage: usage(said) } });
    return events.map(typed).join("");
  },
  asked: (body) => {
    const names = new Map<Json, Json>();
    const messages = objects(body.messages);
    return {
      system: messages.map(({ role, content }) => (role === "system" ? textsOf(content) : "")).join(""),
      maxTokens: body.max_tokens ?? null,
      reasons: object(body.thinking).type === "enabled",
      tools: objects(body.tools).map((tool) => {
        const { name = null, description = null, parameters } = object(tool.function);
        return { name, description, parameters: object(parameters) };
      }),
      turns: joined(messages.filter(({ role }) => role !== "system").map((message) => turnOf(message, names))),
    };
  },
};

function contentOf({ reasoning, text, calls }: Said): readonly JsonObject[] {
  return [
    ...(reasoning === null ? [] : [{ type: "thinking", thinking: reasoning.text }]),
    ...(text === "" || calls.length > 0 ? [] : [{ type: "text", text }]),
  ];
}

function call({ id, name, arguments: args }: Said["calls"][number]) {
  return { id, type: "function", function: { name, arguments: JSON.stringify(args) } };
}

function finish({ calls }: Said): string {
  return calls.length > 0 ? "TOOL_CALL" : "COMPLETE";
}

/** `cached_tokens` are part of the input. */
function usage({ usage: { input, cached, output, reasoning } }: Said): JsonObject {
  const tokens = { input_tokens: input + cached, output_tokens: output + reasoning };
  return { billed_units: tokens, tokens, cached_tokens: cached };
}

function turnOf(message: JsonObject, names: Map<Json, Json>): Turn {
  const { role, content = null } = message;
  if (role === "tool") {
    return { by: "tools", results: [{ of: names.get(message.tool_call_id ?? null) ?? null, text: textsOf(content) }] };
  }
  if (role === "assistant") {
    const calls = objects(message.tool_calls);
    for (const { id = null, function: made } of calls) names.set(id, object(made).name ?? null);
    return {
      by: "model",
      reasoning: objects(content)
        .map(({ thinking }) => thinking ?? "")
        .join(""),
      signature: "",
      text: textsOf(content) + textsOf(message.tool_plan),
      calls: calls.map(({ function: made }) => ({
        name: object(made).name ?? null,
        arguments: parsed(object(made).arguments),
      })),
    };
  }
  const images = objects(content).flatMap(({ image_url }) =>
    image_url === undefined ? [] : [ofDataUrl(object(image_url).url)],
  );
  return { by: "user", text: textsOf(content), images };
}
