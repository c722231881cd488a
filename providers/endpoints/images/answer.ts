// Pictures of providers of other shapes, as OpenAI's answer (OpenAI API reference, "The image generation response").
import type { HeaderLookup } from "../../dialects/dialect.ts";
import type { Json } from "../../dialects/json.ts";
import { totalInput, totalOutput, type Usage } from "../../dialects/usage.ts";
import type { Asked, EndpointAnswer } from "../endpoint.ts";

/** Its bytes in base64 with their type, or its address. */
export type Picture =
  | { readonly data: string; readonly mediaType: string; readonly revisedPrompt?: string }
  | { readonly url: string };

export interface Pictures {
  readonly pictures: readonly Picture[];
  /** Tokens, where the provider counts them. */
  readonly tokens: Usage | null;
  /** Epoch seconds; the time of the answer when absent. */
  readonly createdS?: number | null;
}

/** A client that asks for addresses gets one that holds the picture itself, where the provider keeps no files. */
export function imageAnswer({ pictures, tokens, createdS }: Pictures, { body, header }: Asked): EndpointAnswer {
  const wantsUrl = body.response_format === "url";
  const usage = { ...(tokens ?? { inputTokens: 0, outputTokens: 0 }), images: pictures.length };
  return {
    write: (final) => ({
      created: createdS ?? dateOf(header),
      data: pictures.map((picture) => written(picture, wantsUrl)),
      ...(tokens !== null && final !== null && { usage: tokenCounts(final) }),
    }),
    usage,
  };
}

function written(picture: Picture, wantsUrl: boolean): Json {
  if ("url" in picture) return { url: picture.url };
  const { data, mediaType, revisedPrompt } = picture;
  return {
    ...(wantsUrl ? { url: `data:${mediaType};base64,${data}` } : { b64_json: data }),
    ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
  };
}

function tokenCounts(usage: Usage): Json {
  const [input, output] = [totalInput(usage), totalOutput(usage)];
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

/** Epoch seconds of the answer, by its own clock; 0 when it tells no time. */
function dateOf(header: HeaderLookup): number {
  const atMs = Date.parse(header("date") ?? "");
  return Number.isNaN(atMs) ? 0 : Math.floor(atMs / 1000);
}
