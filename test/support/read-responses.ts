// What the official `openai` SDK reads of a response, or of a stream of its events, in the neutral form of a Reading.
import OpenAI, { APIError } from "openai";
import type { Response, ResponseOutputItem, ResponseStreamEvent } from "openai/resources/responses/responses";
import type { OpenAIConnection } from "./read-openai.ts";
import {
  distinct,
  failure,
  parseArguments,
  type ReadChoice,
  type ReadFailure,
  type ReadFinish,
  type ReadResult,
  type ReadUsage,
  reading,
} from "./reading.ts";
import type { JsonObject } from "./recordings.ts";

/** Sends a request for a response with the official SDK, without retries, and reads the answer whole or as a stream. */
export async function readWithResponses(connection: OpenAIConnection, request: JsonObject): Promise<ReadResult> {
  const { responses } = new OpenAI({ apiKey: connection.key, baseURL: connection.baseUrl, maxRetries: 0 });
  const { stream, ...rest } = request as JsonObject & { readonly model: string };
  try {
    if (stream !== true) return readResponse(await responses.create({ ...rest, stream: false }));
    const events: ResponseStreamEvent[] = [];
    for await (const event of await responses.create({ ...rest, stream: true })) events.push(event);
    return readEvents(events);
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const { status = null, code = null, type = null, message } = error;
    return failure({ status, code, type: type ?? null, message });
  }
}

/**
 * The text, the refusal and the log probabilities are what the deltas say, the items what is said when each is done. The last
 * event repeats it all, with other ciphertexts and rounded numbers; what it alone says is the status and the usage.
 */
function readEvents(events: readonly ResponseStreamEvent[]): ReadResult {
  const error = events.find((event) => event.type === "error");
  if (error !== undefined) return failure({ ...NO_STATUS, code: error.code, message: error.message });
  const last = events.at(-1);
  if (last === undefined || !("response" in last)) {
    return failure({ ...NO_STATUS, message: "the stream did not end with a response" });
  }
  const done = events.flatMap((event) => (event.type === "response.output_item.done" ? [event.item] : []));
  const output = done.length === 0 ? last.response.output : done;
  const result = readResponse({ ...last.response, output });
  if (result.kind === "failure") return result;
  const texts = events.filter((event) => event.type === "response.output_text.delta");
  const refusals = events.flatMap((event) => (event.type === "response.refusal.delta" ? [event.delta] : []));
  const choice: ReadChoice = {
    ...result.reading,
    text: texts.map(({ delta }) => delta).join(""),
    refusal: refusals.join("") || null,
    logprobs: readLogprobs(texts.flatMap(({ logprobs }) => logprobs ?? [])),
  };
  return reading([choice], result.reading.usage);
}

function readLogprobs(said: readonly { readonly token: string; readonly logprob: number }[]): ReadChoice["logprobs"] {
  return said.length === 0 ? null : said.map(({ token, logprob }) => ({ token, logprob }));
}

const NO_STATUS: Omit<ReadFailure, "message"> = { status: null, code: null, type: null };

function readResponse(response: Response): ReadResult {
  if (response.error) return failure({ ...NO_STATUS, code: response.error.code, message: response.error.message });
  return reading([readChoice(response)], readUsage(response));
}

function readChoice(response: Response): ReadChoice {
  const { output } = response;
  const said = output.flatMap((item) => (item.type === "message" ? item.content : []));
  const texts = said.flatMap((part) => (part.type === "output_text" ? [part] : []));
  const toolCalls = output.flatMap((item) =>
    item.type === "function_call"
      ? [{ id: item.call_id, name: item.name, arguments: parseArguments(item.arguments) }]
      : [],
  );
  return {
    text: texts.map(({ text }) => text).join(""),
    refusal: said.map((part) => (part.type === "refusal" ? part.refusal : "")).join("") || null,
    reasoning: output.map(thoughts).join("") || null,
    signatures: distinct(output.map((item) => (item.type === "reasoning" ? item.encrypted_content : null))),
    toolCalls,
    finish: finishOf(response, toolCalls.length > 0),
    citedUrls: distinct(
      texts.flatMap((part) => part.annotations.map((note) => (note.type === "url_citation" ? note.url : null))),
    ),
    logprobs: readLogprobs(texts.flatMap((part) => part.logprobs ?? [])),
  };
}

/** The parts of a summary are paragraphs. */
function thoughts(item: ResponseOutputItem): string {
  if (item.type !== "reasoning") return "";
  return [...item.summary, ...(item.content ?? [])].map(({ text }) => text).join("\n\n");
}

/** A response that is complete stopped, or calls tools. */
function finishOf({ status, incomplete_details }: Response, callsTools: boolean): ReadFinish {
  if (status !== "incomplete") return callsTools ? "tool-calls" : "stop";
  return incomplete_details?.reason === "content_filter" ? "content-filter" : "length";
}

/** The SDK's types promise the details, which compatible servers leave out. */
function readUsage({ usage }: Response): ReadUsage | null {
  if (!usage) return null;
  const { input_tokens_details: input, output_tokens_details: output } = usage as Partial<typeof usage>;
  return {
    input: usage.input_tokens,
    cached: input?.cached_tokens ?? null,
    cacheWrite: input?.cache_write_tokens ?? null,
    output: usage.output_tokens,
    reasoning: output?.reasoning_tokens ?? null,
  };
}
