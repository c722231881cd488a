// OpenAI's responses API as a scripted model writes it (API reference "Responses", "Streaming events"), for a model that is
// served in no other way.
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

export const openaiResponsesWire: Wire = {
  dialect: "openai-responses",
  model: "openai/o3-pro-2025-06-10",
  streamType: "text/event-stream",
  signature: "gAAAAABoc2lnbmF0dXJlLW9mLXRoZS1tb2RlbA==",
  lacks: {},
  form: ({ path, body }) =>
    !path.endsWith("/responses") ? null : JSON.parse(body).stream === true ? "stream" : "whole",
  whole: (said) => response(said, "completed"),
  stream: (said) => {
    const events: (JsonObject & { readonly type: string })[] = [
      { type: "response.created", response: response(null, "in_progress") },
    ];
    for (const [output_index, item] of items(said).entries()) {
      events.push({ type: "response.output_item.added", output_index, item: opening(item) });
      events.push(...pieces(item, output_index));
      events.push({ type: "response.output_item.done", output_index, item });
    }
    events.push({ type: "response.completed", response: response(said, "completed") });
    return events.map((event, sequence_number) => typed({ ...event, sequence_number })).join("");
  },
  asked: (body) => {
    const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : objects(body.input);
    const system = items.filter(({ role }) => role === "system" || role === "developer");
    return {
      system: [textsOf(body.instructions), ...system.map(({ content }) => textsOf(content))].join(""),
      maxTokens: body.max_output_tokens ?? null,
      reasons: object(body.reasoning).effort !== undefined,
      tools: objects(body.tools).map(({ name = null, description = null, parameters }) => ({
        name,
        description,
        parameters: object(parameters),
      })),
      turns: turnsOf(items.filter((item) => !system.includes(item))),
    };
  },
};

function items({ reasoning, text, calls }: Said): readonly JsonObject[] {
  return [
    ...(reasoning === null
      ? []
      : [
          {
            type: "reasoning",
            id: "rs_1",
            summary: [{ type: "summary_text", text: reasoning.text }],
            encrypted_content: reasoning.signature,
          },
        ]),
    ...(text === ""
      ? []
      : [
          {
            type: "message",
            id: "msg_1",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
          },
        ]),
    ...calls.map(({ id, name, arguments: args }) => ({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: JSON.stringify(args),
      status: "completed",
    })),
  ];
}

function opening(item: JsonObject): JsonObject {
  switch (item.type) {
    case "reasoning":
      return { ...item, summary: [], encrypted_content: "" };
    case "message":
      return { ...item, content: [], status: "in_progress" };
    default:
      return { ...item, arguments: "", status: "in_progress" };
  }
}

function pieces(item: JsonObject, output_index: number): (JsonObject & { readonly type: string })[] {
  const at = { item_id: item.id ?? null, output_index };
  switch (item.type) {
    case "reasoning": {
      const text = textsOf(item.summary);
      const place = { ...at, summary_index: 0 };
      const type = "response.reasoning_summary";
      return [
        { type: `${type}_part.added`, ...place, part: { type: "summary_text", text: "" } },
        ...halves(text).map((delta) => ({ type: `${type}_text.delta`, ...place, delta })),
        { type: `${type}_text.done`, ...place, text },
        { type: `${type}_part.done`, ...place, part: { type: "summary_text", text } },
      ];
    }
    case "message": {
      const [part = {}] = objects(item.content);
      const text = textsOf(item.content);
      const place = { ...at, content_index: 0 };
      return [
        { type: "response.content_part.added", ...place, part: { ...part, text: "" } },
        ...halves(text).map((delta) => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] })),
        { type: "response.output_text.done", ...place, text, logprobs: [] },
        { type: "response.content_part.done", ...place, part },
      ];
    }
    default: {
      const type = "response.function_call_arguments";
      const text = String(item.arguments);
      return [
        ...halves(text).map((delta) => ({ type: `${type}.delta`, ...at, delta })),
        { type: `${type}.done`, ...at, name: item.name ?? null, arguments: text },
      ];
    }
  }
}

function response(said: Said | null, status: string): JsonObject {
  return {
    id: "resp_scripted",
    object: "response",
    created_at: 1_780_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: "o3-pro-2025-06-10",
    output: said === null ? [] : items(said),
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: said === null ? null : usage(said),
  };
}

function usage({ usage: { input, cached, output, reasoning } }: Said): JsonObject {
  return {
    input_tokens: input + cached,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + cached + output + reasoning,
  };
}

/** The items of one answer, from its reasoning to its last call, are one turn. */
function turnsOf(items: readonly JsonObject[]): readonly Turn[] {
  const turns: Turn[] = [];
  const names = new Map<Json, Json>();
  const answer = (more: Partial<Extract<Turn, { by: "model" }>>): void => {
    const last = turns.at(-1);
    const before =
      last?.by === "model" ? last : { by: "model" as const, reasoning: "", signature: "", text: "", calls: [] };
    if (last?.by === "model") turns.pop();
    turns.push({ ...before, ...more, calls: [...before.calls, ...(more.calls ?? [])] });
  };
  for (const item of items) {
    switch (item.type ?? "message") {
      case "reasoning":
        answer({ reasoning: textsOf(item.summary), signature: String(item.encrypted_content ?? "") });
        break;
      case "function_call":
        names.set(item.call_id ?? null, item.name ?? null);
        answer({ calls: [{ name: item.name ?? null, arguments: parsed(item.arguments) }] });
        break;
      case "function_call_output":
        turns.push({
          by: "tools",
          results: [{ of: names.get(item.call_id ?? null) ?? null, text: textsOf(item.output) }],
        });
        break;
      default:
        if (item.role === "assistant") answer({ text: textsOf(item.content) });
        else {
          const images = objects(item.content).filter(({ type }) => type === "input_image");
          turns.push({
            by: "user",
            text: textsOf(item.content),
            images: images.map(({ image_url }) => ofDataUrl(image_url)),
          });
        }
    }
  }
  return joined(turns);
}
