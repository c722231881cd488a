// OpenAI chat as OpenRouter writes it: the one provider of this dialect that signs reasoning (documentation "Reasoning
// Tokens", "Preserving Reasoning Blocks").
import type { Json, JsonObject } from "../../support/recordings.ts";
import {
  data,
  halves,
  joined,
  object,
  objects,
  ofDataUrl,
  parsed,
  type Said,
  type Turn,
  textsOf,
  type Wire,
} from "./said.ts";

export const openaiChatWire: Wire = {
  dialect: "openai-chat",
  model: "openrouter/anthropic/claude-sonnet-4.5",
  streamType: "text/event-stream",
  signature: "EpUJCkgIDBABGAIqQO8yqu3hAS47hyuJXjCieM6E",
  lacks: {},
  form: ({ path, body }) =>
    !path.endsWith("/chat/completions") ? null : JSON.parse(body).stream === true ? "stream" : "whole",
  whole: (said) => ({
    ...envelope,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        finish_reason: finish(said),
        message: {
          role: "assistant",
          content: said.text === "" ? null : said.text,
          ...(said.reasoning === null
            ? {}
            : { reasoning: said.reasoning.text, reasoning_details: [{ ...detail, ...said.reasoning }] }),
          ...(said.calls.length === 0 ? {} : { tool_calls: said.calls.map(call) }),
        },
      },
    ],
    usage: usage(said),
  }),
  stream: (said) => {
    const deltas: JsonObject[] = [{ role: "assistant", content: "" }];
    if (said.reasoning !== null) {
      for (const text of halves(said.reasoning.text)) {
        deltas.push({ reasoning: text, reasoning_details: [{ ...detail, text }] });
      }
      deltas.push({ reasoning_details: [{ ...detail, signature: said.reasoning.signature }] });
    }
    if (said.text !== "") for (const content of halves(said.text)) deltas.push({ content });
    for (const [index, one] of said.calls.entries()) {
      const whole = call(one);
      deltas.push({ tool_calls: [{ index, ...whole, function: { ...whole.function, arguments: "" } }] });
      for (const piece of halves(whole.function.arguments)) {
        deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
      }
    }
    const chunk = (choices: readonly Json[], rest: JsonObject = {}): string =>
      data({ ...envelope, object: "chat.completion.chunk", choices, ...rest });
    return [
      ...deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason: finish(said) }]),
      chunk([], { usage: usage(said) }),
      "data: [DONE]\n\n",
    ].join("");
  },
  asked: (body) => {
    const names = new Map<Json, Json>();
    const messages = objects(body.messages);
    return {
      system: messages
        .filter(({ role }) => role === "system" || role === "developer")
        .map(({ content }) => textsOf(content))
        .join(""),
      maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
      reasons: body.reasoning !== undefined || body.reasoning_effort !== undefined,
      tools: objects(body.tools).map((tool) => {
        const { name = null, description = null, parameters } = object(tool.function);
        return { name, description, parameters: object(parameters) };
      }),
      turns: joined(
        messages
          .filter(({ role }) => role !== "system" && role !== "developer")
          .map((message) => turnOf(message, names)),
      ),
    };
  },
};

const envelope = { id: "chatcmpl-scripted", created: 1_780_000_000, model: "anthropic/claude-sonnet-4.5" };
const detail = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0 };

function call({ id, name, arguments: args }: Said["calls"][number]) {
  return { id, type: "function", function: { name, arguments: JSON.stringify(args) } };
}

function finish({ calls }: Said): string {
  return calls.length > 0 ? "tool_calls" : "stop";
}

function usage({ usage: { input, cached, output, reasoning } }: Said): JsonObject {
  return {
    prompt_tokens: input + cached,
    completion_tokens: output + reasoning,
    total_tokens: input + cached + output + reasoning,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function turnOf(message: JsonObject, names: Map<Json, Json>): Turn {
  const { role, content = null } = message;
  if (role === "tool") {
    return { by: "tools", results: [{ of: names.get(message.tool_call_id ?? null) ?? null, text: textsOf(content) }] };
  }
  if (role === "assistant") {
    const details = objects(message.reasoning_details);
    const calls = objects(message.tool_calls);
    for (const { id = null, function: made } of calls) names.set(id, object(made).name ?? null);
    return {
      by: "model",
      reasoning: details.map(({ text }) => text ?? "").join(""),
      signature: details.map(({ signature }) => signature ?? "").join(""),
      text: textsOf(content),
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
