// Reads an OpenAI chat request as far as the sandbox answers it.
import { badRequest, type Fault, isFault } from "./fault.ts";
import { type ModelName, type Options, readModel } from "./options.ts";
import { isObject, isSchema, type Schema } from "./schema/schema.ts";
import { type OfferedTool, readToolChoice, readTools, type ToolChoice } from "./tool-request.ts";

export interface ChatRequest {
  readonly model: ModelName;
  readonly options: Options;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  /** What the answer's text must be. */
  readonly output: { readonly kind: "text" | "json" } | { readonly kind: "schema"; readonly schema: Schema };
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly choices: number;
  readonly seed: number;
  readonly reasoningEffort: string | null;
  /** Alternatives of each token, 0 for the chosen one alone; null when no log probabilities are asked for. */
  readonly topLogprobs: number | null;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export interface ChatMessage {
  readonly role: string;
  readonly name: string | null;
  readonly parts: readonly MessagePart[];
  /** Names and arguments of an assistant's calls. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

export type MessagePart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "attachment"; readonly kind: "image" | "audio" | "file"; readonly description: string };

type Body = Readonly<Record<string, unknown>>;

/** Reads the text of a request's body. */
export function readRequest(text: string): ChatRequest | Fault {
  const body = parse(text);
  if (!isObject(body)) return badRequest("The body must be a JSON object.", null);
  if (typeof body.model !== "string") return badRequest("`model` must be a string.", "model");
  const model = readModel(body.model);
  if (isFault(model)) return model;
  const messages = readMessages(body.messages);
  if (isFault(messages)) return messages;
  const tools = readTools(body.tools);
  if (isFault(tools)) return tools;
  const toolChoice = readToolChoice(body.tool_choice, tools);
  if (isFault(toolChoice)) return toolChoice;
  const output = readOutput(body.response_format);
  if (isFault(output)) return output;
  const limits = readLimits(body);
  if (isFault(limits)) return limits;
  return {
    model: model.name,
    options: model.options,
    messages,
    tools,
    toolChoice,
    parallelToolCalls: body.parallel_tool_calls !== false,
    output,
    ...limits,
    seed: typeof body.seed === "number" ? body.seed : 0,
    reasoningEffort: typeof body.reasoning_effort === "string" ? body.reasoning_effort : null,
    stream: body.stream === true,
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type Limits = Pick<ChatRequest, "maxTokens" | "stop" | "choices" | "topLogprobs">;

function readLimits(body: Body): Limits | Fault {
  const limit = body.max_completion_tokens !== undefined ? "max_completion_tokens" : "max_tokens";
  const maxTokens = whole(body[limit], { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (maxTokens === undefined) return badRequest(`\`${limit}\` must be a whole number of at least 1.`, limit);
  const choices = whole(body.n, { min: 1, max: 128 });
  if (choices === undefined) return badRequest("`n` must be a whole number from 1 to 128.", "n");
  const top = whole(body.top_logprobs, { min: 0, max: 20 });
  if (top === undefined) return badRequest("`top_logprobs` must be a whole number from 0 to 20.", "top_logprobs");
  const stop = typeof body.stop === "string" ? [body.stop] : (body.stop ?? []);
  if (!Array.isArray(stop) || stop.length > 4 || !stop.every((one): one is string => typeof one === "string")) {
    return badRequest("`stop` must be a string or up to 4 strings.", "stop");
  }
  return {
    maxTokens,
    choices: choices ?? 1,
    stop: stop.filter((one) => one !== ""),
    topLogprobs: body.logprobs === true ? (top ?? 0) : null,
  };
}

/** A whole number within limits, null when it is not given, undefined when it is wrong. */
function whole(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

function readOutput(format: unknown): ChatRequest["output"] | Fault {
  if (format === undefined || format === null) return { kind: "text" };
  const { type, json_schema } = isObject(format) ? format : {};
  if (type === "text") return { kind: "text" };
  if (type === "json_object") return { kind: "json" };
  if (type !== "json_schema") return badRequest("`response_format.type` is unknown.", "response_format.type");
  const schema = isObject(json_schema) ? (json_schema.schema ?? {}) : undefined;
  if (!isSchema(schema)) {
    return badRequest(
      "`response_format.json_schema.schema` must be a JSON schema.",
      "response_format.json_schema.schema",
    );
  }
  return { kind: "schema", schema };
}

function readMessages(messages: unknown): readonly ChatMessage[] | Fault {
  if (!Array.isArray(messages) || messages.length === 0) {
    return badRequest("`messages` must be an array of at least one message.", "messages");
  }
  const read: ChatMessage[] = [];
  for (const [at, message] of messages.entries()) {
    if (!isObject(message) || typeof message.role !== "string") {
      return badRequest(`\`messages[${at}]\` must be a message with a role.`, `messages[${at}]`);
    }
    read.push({
      role: message.role,
      name: typeof message.name === "string" ? message.name : null,
      parts: readParts(message.content),
      calls: readCalls(message.tool_calls),
    });
  }
  return read;
}

function readParts(content: unknown): readonly MessagePart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter(isObject).map(readPart) : [];
}

function readPart(part: Body): MessagePart {
  const text = part.type === "refusal" ? part.refusal : part.text;
  if (typeof text === "string") return { type: "text", text };
  const { image_url: image, input_audio: audio, file } = part;
  if (isObject(audio)) {
    return { type: "attachment", kind: "audio", description: `audio (${String(audio.format)}, ${bytes(audio.data)})` };
  }
  if (isObject(file)) {
    const name = String(file.filename ?? file.file_id ?? "unnamed");
    const size = typeof file.file_data === "string" ? `, ${bytes(dataOf(file.file_data))}` : "";
    return { type: "attachment", kind: "file", description: `file (${name}${size})` };
  }
  const url = isObject(image) ? String(image.url) : "";
  const inline = /^data:([^;,]*)/.exec(url);
  const what = inline ? `${inline[1]}, ${bytes(dataOf(url))}` : url.slice(0, 200);
  return { type: "attachment", kind: "image", description: `image (${what})` };
}

function dataOf(url: string): string {
  return url.slice(url.indexOf(",") + 1);
}

/** How many bytes a base64 text stands for, in words. */
function bytes(base64: unknown): string {
  const text = typeof base64 === "string" ? base64 : "";
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return `${Math.floor((text.length * 3) / 4) - padding} bytes`;
}

function readCalls(calls: unknown): ChatMessage["calls"] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isObject).map(({ function: called }) => ({
    name: isObject(called) ? String(called.name) : "",
    arguments: isObject(called) ? String(called.arguments) : "",
  }));
}
