// A recorded Anthropic messages request as an OpenAI chat request (Anthropic API reference, "Messages").
import type { Json, JsonObject } from "../recordings.ts";
import { asList, asObject, asText, filePart, Inexpressible, imagePart, only, present } from "./inexpressible.ts";

const REQUEST_MEMBERS = [
  "model",
  "max_tokens",
  "messages",
  "system",
  "stream",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "metadata",
];

/** @throws Inexpressible */
export function fromAnthropic(request: JsonObject): JsonObject {
  only(request, REQUEST_MEMBERS, "request member");
  const config = asObject(request.output_config ?? {});
  only(config, ["effort", "format"], "output_config member");
  const tools = asList(request.tools).map(toTool);
  return {
    model: asText(request.model),
    messages: [...toSystem(request.system), ...asMessages(request.messages)],
    ...present({ max_tokens: request.max_tokens }),
    ...(tools.length === 0 ? {} : { tools }),
    ...toToolChoice(request.tool_choice),
    ...toReasoning(request.thinking, config.effort),
    ...toFormat(config.format),
    ...present({
      temperature: request.temperature,
      top_p: request.top_p,
      top_k: request.top_k,
      stop: request.stop_sequences,
      user: asObject(request.metadata ?? {}).user_id,
    }),
  };
}

function toSystem(system: Json | undefined): readonly JsonObject[] {
  if (system === undefined || system === null) return [];
  if (typeof system === "string") return [{ role: "system", content: system }];
  return [{ role: "system", content: asList(system).map(toPart) }];
}

function asMessages(messages: Json | undefined): readonly JsonObject[] {
  return asList(messages).flatMap((message) => {
    const { role, content } = message;
    only(message, ["role", "content"], "message member");
    if (typeof content === "string") return [{ role: role as string, content }];
    const blocks = asList(content);
    switch (role) {
      case "user":
        return toUser(blocks);
      case "assistant":
        return [toAssistant(blocks)];
      default:
        throw new Inexpressible(`message of role ${role} inside the conversation`);
    }
  });
}

/** Tool results become messages of their own, before what else the user says. */
function toUser(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const results = blocks.filter((block) => block.type === "tool_result").map(toToolMessage);
  const rest = blocks.filter((block) => block.type !== "tool_result").map(toPart);
  return rest.length === 0 ? results : [...results, { role: "user", content: rest }];
}

function toToolMessage(block: JsonObject): JsonObject {
  only(block, ["type", "tool_use_id", "content", "is_error", "cache_control"], "tool_result member");
  if (block.is_error === true) throw new Inexpressible("tool_result.is_error");
  const content = typeof block.content === "string" ? block.content : asList(block.content).map(toPart);
  return {
    role: "tool",
    tool_call_id: asText(block.tool_use_id),
    content,
    ...present({ cache_control: block.cache_control }),
  };
}

function toPart(block: JsonObject): JsonObject {
  const cache = present({ cache_control: block.cache_control });
  switch (block.type) {
    case "text":
      only(block, ["type", "text", "cache_control"], "text block member");
      return { type: "text", text: asText(block.text), ...cache };
    case "image":
      only(block, ["type", "source", "cache_control"], "image block member");
      return { ...imagePart(sourceUrl(asObject(block.source))), ...cache };
    case "document": {
      only(block, ["type", "source", "title", "cache_control"], "document block member");
      const title = block.title ?? undefined;
      return {
        ...filePart({
          data: sourceUrl(asObject(block.source)),
          filename: title === undefined ? undefined : asText(title),
        }),
        ...cache,
      };
    }
    default:
      throw new Inexpressible(`content block ${block.type}`);
  }
}

function sourceUrl(source: JsonObject): string {
  switch (source.type) {
    case "base64":
      return `data:${source.media_type};base64,${source.data}`;
    case "url":
      return asText(source.url);
    case "text":
      return `data:${source.media_type};base64,${Buffer.from(asText(source.data)).toString("base64")}`;
    default:
      throw new Inexpressible(`source ${source.type}`);
  }
}

/** Reasoning comes first in a chat message, then text, then calls: other orders have no usual form. */
function toAssistant(blocks: readonly JsonObject[]): JsonObject {
  const rank = { thinking: 0, redacted_thinking: 0, text: 1, tool_use: 2 };
  const details: JsonObject[] = [];
  const content: JsonObject[] = [];
  const calls: JsonObject[] = [];
  let highest = 0;
  for (const [index, block] of blocks.entries()) {
    const place = rank[block.type as keyof typeof rank];
    if (place === undefined) throw new Inexpressible(`content block ${block.type}`);
    if (place < highest) throw new Inexpressible(`${block.type} block after other blocks`);
    highest = place;
    const detail = { index, format: "anthropic-claude-v1" };
    if (block.type === "text") content.push(toPart(block));
    else if (block.type === "tool_use") calls.push(toCall(block));
    else if (block.type === "redacted_thinking")
      details.push({ type: "reasoning.encrypted", data: asText(block.data), ...detail });
    else
      details.push({
        type: "reasoning.text",
        text: block.thinking,
        signature: block.signature,
        ...detail,
      } as JsonObject);
  }
  return {
    role: "assistant",
    content: content.length === 0 ? null : content,
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function toCall(block: JsonObject): JsonObject {
  only(block, ["type", "id", "name", "input"], "tool_use member");
  return {
    id: asText(block.id),
    type: "function",
    function: { name: asText(block.name), arguments: JSON.stringify(block.input) },
  };
}

function toTool(tool: JsonObject): JsonObject {
  if (tool.type !== undefined && tool.type !== "custom") throw new Inexpressible(`server tool ${tool.type}`);
  only(tool, ["type", "name", "description", "input_schema", "strict", "cache_control"], "tool member");
  const definition = present({
    description: tool.description,
    parameters: tool.input_schema,
    strict: tool.strict,
  });
  return {
    type: "function",
    function: { name: asText(tool.name), ...definition },
    ...present({ cache_control: tool.cache_control }),
  };
}

function toToolChoice(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {};
  const choice = asObject(value);
  const parallel = choice.disable_parallel_tool_use === true ? { parallel_tool_calls: false } : {};
  switch (choice.type) {
    case "auto":
      return { tool_choice: "auto", ...parallel };
    case "any":
      return { tool_choice: "required", ...parallel };
    case "none":
      return { tool_choice: "none" };
    case "tool":
      return { tool_choice: { type: "function", function: { name: asText(choice.name) } }, ...parallel };
    default:
      throw new Inexpressible(`tool_choice ${choice.type}`);
  }
}

function toReasoning(value: Json | undefined, effort: Json | undefined): JsonObject {
  const thinking = asObject(value ?? {});
  switch (thinking.type) {
    case undefined:
      if (effort !== undefined) throw new Inexpressible("output_config.effort without thinking");
      return {};
    case "enabled":
      if (effort !== undefined) throw new Inexpressible("thinking budget together with effort");
      return { reasoning: present({ max_tokens: thinking.budget_tokens, exclude: excluded(thinking.display) }) };
    case "disabled":
      if (effort !== undefined) throw new Inexpressible("output_config.effort without thinking");
      return { reasoning_effort: "none" };
    case "adaptive":
      if (effort === undefined) throw new Inexpressible("adaptive thinking without an effort");
      return { reasoning: present({ effort, exclude: excluded(thinking.display) }) };
    default:
      throw new Inexpressible(`thinking ${thinking.type}`);
  }
}

function excluded(display: Json | undefined): boolean | undefined {
  return display === undefined ? undefined : display === "omitted";
}

/** Anthropic's schemas have no name, OpenAI's need one. */
function toFormat(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {};
  const format = asObject(value);
  if (format.type !== "json_schema") throw new Inexpressible(`output format ${format.type}`);
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name: "answer", schema: asObject(format.schema), strict: true },
    },
  };
}
