// What the official `openai` SDK reads at a base URL: a provider's, the replay upstream's or Turnpike's.
import OpenAI, { APIError } from "openai";
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionMessage,
} from "openai/resources/chat/completions";
import type { CompletionUsage } from "openai/resources/completions";
import {
  distinct,
  failure,
  parseArguments,
  type ReadChoice,
  type ReadFinish,
  type ReadResult,
  type ReadUsage,
  reading,
} from "./reading.ts";
import type { JsonObject } from "./recordings.ts";

interface ReasoningDetail {
  readonly type?: string;
  readonly id?: string;
  readonly index?: number;
  readonly signature?: string;
  readonly data?: string;
}

/** Members beyond OpenAI's own types that Turnpike (and others) add; see docs of the chat dialect. */
interface Extensions {
  reasoning_content?: string | null;
  reasoning_details?: ReasoningDetail[];
}

interface CallExtension {
  extra_content?: { readonly google?: { readonly thought_signature?: string } };
}

type Message = ChatCompletionMessage & Extensions;
type Delta = ChatCompletionChunk.Choice.Delta & Extensions & { annotations?: ChatCompletionMessage.Annotation[] };
type DeltaCall = ChatCompletionChunk.Choice.Delta.ToolCall & CallExtension;

/** The id under which the predecessor of tool calls (`function_call`), a single call without an id, is read. */
export const LEGACY_CALL_ID = "function_call";

export interface OpenAIRead {
  readonly result: ReadResult;
  /** Null when there was no response. */
  readonly headers: Headers | null;
  /** `usage.cost` as the answer tells it, US dollars; null when it does not. */
  readonly cost: number | null;
}

export interface OpenAIConnection {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a chat request with the official SDK, without retries, and reads the answer whole or as a stream. */
export async function readWithOpenAI(connection: OpenAIConnection, request: JsonObject): Promise<OpenAIRead> {
  const client = new OpenAI({
    apiKey: connection.key,
    baseURL: connection.baseUrl,
    maxRetries: 0,
    ...(connection.headers === undefined ? {} : { defaultHeaders: connection.headers }),
  });
  const params = request as unknown as ChatCompletionCreateParams;
  let headers: Headers | null = null;
  try {
    if (params.stream === true) {
      const { data, response } = await client.chat.completions.create(params).withResponse();
      headers = response.headers;
      const whole = await collect(data);
      return { ...whole, headers };
    }
    const { data, response } = await client.chat.completions.create({ ...params, stream: false }).withResponse();
    headers = response.headers;
    const result = reading(data.choices.map(readChoice), readUsage(data.usage));
    return { result, headers, cost: costOf(data.usage) };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { result: failed(error), headers: headers ?? (error.headers as Headers | undefined) ?? null, cost: null };
  }
}

/** The same at a running Turnpike, whose URL comes without `/v1`. */
export function readTurnpike(url: string, key: string, request: JsonObject): Promise<OpenAIRead> {
  return readWithOpenAI({ baseUrl: `${url}/v1`, key }, request);
}

function failed(error: APIError): ReadResult {
  return failure({
    status: error.status ?? null,
    code: error.code ?? null,
    type: error.type ?? null,
    message: error.message,
  });
}

function readChoice(choice: ChatCompletion.Choice): ReadChoice {
  const message: Message = choice.message;
  const calls = message.tool_calls ?? [];
  const functionCall = message.function_call;
  const named = calls.flatMap((call) =>
    call.type === "function"
      ? [{ id: call.id, name: call.function.name, arguments: parseArguments(call.function.arguments) }]
      : [],
  );
  return {
    text: message.content ?? "",
    refusal: emptyToNull(message.refusal),
    reasoning: emptyToNull(message.reasoning_content),
    signatures: distinct([
      ...detailSignatures(message.reasoning_details ?? []),
      ...calls.map((call) => (call as CallExtension).extra_content?.google?.thought_signature),
    ]),
    toolCalls: functionCall
      ? [...named, { id: LEGACY_CALL_ID, name: functionCall.name, arguments: parseArguments(functionCall.arguments) }]
      : named,
    finish: readFinish(choice.finish_reason),
    citedUrls: distinct((message.annotations ?? []).map((annotation) => annotation.url_citation?.url)),
    logprobs: choice.logprobs?.content?.map(({ token, logprob }) => ({ token, logprob })) ?? null,
  };
}

/** A stream's choice while it grows: the message and its finish, as a non-streamed answer would have them. */
interface Growing {
  readonly message: Message;
  readonly calls: Map<number, { id: string; name: string; text: string; signature: string | undefined }>;
  readonly details: Map<string, ReasoningDetail>;
  readonly annotations: ChatCompletionMessage.Annotation[];
  logprobs: { token: string; logprob: number }[] | null;
  finish: string | null;
}

async function collect(
  stream: AsyncIterable<ChatCompletionChunk>,
): Promise<{ readonly result: ReadResult; readonly cost: number | null }> {
  const choices = new Map<number, Growing>();
  let usage: CompletionUsage | null = null;
  for await (const chunk of stream) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices ?? []) {
      const grown = choices.get(choice.index) ?? newChoice();
      choices.set(choice.index, grown);
      grow(grown, choice);
    }
  }
  const ordered = [...choices].sort(([a], [b]) => a - b).map(([, grown]) => finished(grown));
  return { result: reading(ordered, readUsage(usage)), cost: costOf(usage) };
}

function newChoice(): Growing {
  return {
    message: { role: "assistant", content: null, refusal: null },
    calls: new Map(),
    details: new Map(),
    annotations: [],
    logprobs: null,
    finish: null,
  };
}

function grow(grown: Growing, choice: ChatCompletionChunk.Choice): void {
  const { message } = grown;
  const delta: Delta = choice.delta ?? {};
  if (delta.content) message.content = (message.content ?? "") + delta.content;
  if (delta.refusal) message.refusal = (message.refusal ?? "") + delta.refusal;
  if (delta.reasoning_content) message.reasoning_content = (message.reasoning_content ?? "") + delta.reasoning_content;
  grown.annotations.push(...(delta.annotations ?? []));
  for (const detail of delta.reasoning_details ?? []) growDetail(grown.details, detail);
  for (const call of (delta.tool_calls ?? []) as DeltaCall[]) {
    const known = grown.calls.get(call.index) ?? { id: "", name: "", text: "", signature: undefined };
    grown.calls.set(call.index, known);
    known.id ||= call.id ?? "";
    known.name ||= call.function?.name ?? "";
    known.text += call.function?.arguments ?? "";
    known.signature ??= call.extra_content?.google?.thought_signature;
  }
  if (choice.logprobs?.content) {
    grown.logprobs ??= [];
    grown.logprobs.push(...choice.logprobs.content.map(({ token, logprob }) => ({ token, logprob })));
  }
  grown.finish = choice.finish_reason ?? grown.finish;
}

/** Fragments of one item have its index and type; proofs and ciphertexts are added up like text. */
function growDetail(details: Map<string, ReasoningDetail>, piece: ReasoningDetail): void {
  const name = `${piece.index}/${piece.type}/${piece.id}`;
  const known = details.get(name);
  details.set(name, {
    ...piece,
    signature: (known?.signature ?? "") + (piece.signature ?? ""),
    data: (known?.data ?? "") + (piece.data ?? ""),
  });
}

function finished(grown: Growing): ReadChoice {
  const calls = [...grown.calls].sort(([a], [b]) => a - b).map(([, call]) => call);
  return {
    text: grown.message.content ?? "",
    refusal: emptyToNull(grown.message.refusal),
    reasoning: emptyToNull(grown.message.reasoning_content),
    signatures: distinct([
      ...detailSignatures([...grown.details.values()]),
      ...calls.map(({ signature }) => signature),
    ]),
    toolCalls: calls.map(({ id, name, text }) => ({ id, name, arguments: parseArguments(text) })),
    finish: readFinish(grown.finish),
    citedUrls: distinct(grown.annotations.map((annotation) => annotation.url_citation?.url)),
    logprobs: grown.logprobs,
  };
}

/** Turnpike's note of the order of parts is no proof of a vendor, and has an id that says so. */
function detailSignatures(details: readonly ReasoningDetail[]): readonly (string | undefined)[] {
  return details.filter(({ id }) => id !== "layout").flatMap(({ signature, data }) => [signature, data]);
}

function readFinish(word: string | null): ReadFinish {
  switch (word) {
    case "tool_calls":
    case "function_call":
      return "tool-calls";
    case "content_filter":
      return "content-filter";
    default:
      return word;
  }
}

type ExtendedUsage = CompletionUsage & {
  readonly cost?: number;
  readonly prompt_tokens_details?: { readonly cache_write_tokens?: number };
};

function readUsage(usage: CompletionUsage | null | undefined): ReadUsage | null {
  if (!usage) return null;
  const extended = usage as ExtendedUsage;
  return {
    input: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
    cacheWrite: extended.prompt_tokens_details?.cache_write_tokens ?? null,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? null,
  };
}

function costOf(usage: CompletionUsage | null | undefined): number | null {
  return (usage as ExtendedUsage | null | undefined)?.cost ?? null;
}

function emptyToNull(text: string | null | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
