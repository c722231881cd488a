// What the official `openai` SDK reads of a response or a stream of response events, over a real socket.
import OpenAI, { APIError } from "openai";
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";
import type { Exchange } from "../../../support/replay.ts";

/** An answer in the terms of a user of the SDK. */
export interface SdkReading {
  readonly text: string;
  readonly refusal: string;
  readonly reasoning: string;
  readonly ciphertexts: readonly string[];
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly pictures: readonly string[];
  readonly sources: readonly string[];
  readonly logprobs: readonly number[];
  readonly status: string | undefined;
  readonly incomplete: string | undefined;
  readonly usage: Response["usage"] | null;
}

function clientOf({ url }: Exchange): OpenAI {
  return new OpenAI({ apiKey: "sk-test", baseURL: `${url}/v1`, maxRetries: 0 });
}

const request = { model: "a-model", input: "Hello" };

export async function readWhole(exchange: Exchange): Promise<Response> {
  return clientOf(exchange).responses.create({ ...request, stream: false });
}

/** Every event as the SDK parses it, and the response of the last one. */
export async function readStream(
  exchange: Exchange,
): Promise<{ readonly events: ResponseStreamEvent[]; readonly response: Response }> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await clientOf(exchange).responses.create({ ...request, stream: true })) events.push(event);
  const last = events.at(-1);
  if (last === undefined || !("response" in last)) throw new Error("the stream did not end with a response");
  return { events, response: last.response as Response };
}

/**
 * The response that the SDK adds up from the events. It is strict: it throws when an event is about an item or a part that
 * has not begun, when identities change, and when an item is missing at the end.
 */
export async function accumulate(exchange: Exchange): Promise<Response> {
  return clientOf(exchange).responses.stream(request).finalResponse();
}

/** The error that a failing answer raises. */
export async function raised(reading: Promise<unknown>): Promise<APIError> {
  const error = await reading.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof APIError) return error;
  throw new Error(`expected an API error, but got ${String(error)}`);
}

export function readingOf(response: Response): SdkReading {
  const said = response.output.flatMap((item) => (item.type === "message" ? item.content : []));
  const texts = said.flatMap((part) => (part.type === "output_text" ? [part] : []));
  const thoughts = response.output.flatMap((item) => (item.type === "reasoning" ? [item] : []));
  return {
    text: response.output_text,
    refusal: said.map((part) => (part.type === "refusal" ? part.refusal : "")).join(""),
    reasoning: thoughts
      .map((item) => [...item.summary, ...(item.content ?? [])].map((piece) => piece.text).join("\n\n"))
      .join(""),
    ciphertexts: thoughts.flatMap((item) => item.encrypted_content || []),
    calls: response.output.flatMap((item) =>
      item.type === "function_call" ? [{ id: item.call_id, name: item.name, arguments: item.arguments }] : [],
    ),
    pictures: response.output.flatMap((item) => (item.type === "image_generation_call" ? item.result || [] : [])),
    sources: texts.flatMap((part) =>
      part.annotations.map((note) => (note.type === "url_citation" ? note.url : note.file_id)),
    ),
    logprobs: texts.flatMap((part) => (part.logprobs ?? []).map(({ logprob }) => logprob)),
    status: response.status,
    incomplete: response.incomplete_details?.reason,
    usage: response.usage ?? null,
  };
}
