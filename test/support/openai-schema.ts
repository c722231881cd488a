// What OpenAI's published schema says of chat completions: required members, types, closed lists, where null may stand.
// The facts are those of `CreateChatCompletionResponse`, `CreateChatCompletionStreamResponse` and `Error` of the OpenAPI
// document in openai/openai-openapi; members beyond them are allowed, as there.
import { Ajv } from "ajv";

const integer = { type: "integer" };
const string = { type: "string" };
const nullable = (schema: object) => ({ anyOf: [schema, { type: "null" }] });
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: "object",
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const array = (items: object) => ({ type: "array", items });

const finishReason = { enum: ["stop", "length", "tool_calls", "content_filter", "function_call"] };
const serviceTier = { enum: ["auto", "default", "flex", "scale", "priority", "fast", null] };
const bytes = nullable(array(integer));
const tokenLogprob = object({
  token: string,
  logprob: { type: "number" },
  bytes,
  top_logprobs: array(object({ token: string, logprob: { type: "number" }, bytes })),
});
const logprobs = nullable(object({ content: nullable(array(tokenLogprob)), refusal: nullable(array(tokenLogprob)) }));
const annotation = object({
  type: { const: "url_citation" },
  url_citation: object({ start_index: integer, end_index: integer, url: string, title: string }),
});

const usage = object(
  { prompt_tokens: integer, completion_tokens: integer, total_tokens: integer },
  {
    prompt_tokens_details: object({}, { audio_tokens: integer, cached_tokens: integer, cache_write_tokens: integer }),
    completion_tokens_details: object(
      {},
      {
        accepted_prediction_tokens: integer,
        audio_tokens: integer,
        reasoning_tokens: integer,
        rejected_prediction_tokens: integer,
      },
    ),
  },
);

const message = object(
  { role: { const: "assistant" }, content: nullable(string), refusal: nullable(string) },
  {
    annotations: array(annotation),
    audio: nullable(object({ id: string, data: string, expires_at: integer, transcript: string })),
    tool_calls: array(
      object({ id: string, type: { const: "function" }, function: object({ name: string, arguments: string }) }),
    ),
  },
);

const completion = object(
  {
    id: string,
    object: { const: "chat.completion" },
    created: integer,
    model: string,
    choices: array(object({ index: integer, message, logprobs, finish_reason: finishReason })),
  },
  { usage, service_tier: serviceTier, system_fingerprint: string },
);

const delta = object(
  {},
  {
    role: { enum: ["developer", "system", "user", "assistant", "tool"] },
    content: nullable(string),
    refusal: nullable(string),
    tool_calls: array(
      object(
        { index: integer },
        { id: string, type: { const: "function" }, function: object({}, { name: string, arguments: string }) },
      ),
    ),
  },
);

const chunk = object(
  {
    id: string,
    object: { const: "chat.completion.chunk" },
    created: integer,
    model: string,
    choices: array(object({ index: integer, delta, finish_reason: nullable(finishReason) }, { logprobs })),
  },
  { usage: nullable(usage), service_tier: serviceTier, system_fingerprint: string },
);

const error = object({
  error: object({ type: string, message: string, param: nullable(string), code: nullable(string) }),
});

const ajv = new Ajv({ allErrors: true });
const validators = {
  completion: ajv.compile(completion),
  chunk: ajv.compile(chunk),
  error: ajv.compile(error),
};

/** What in a body is not as OpenAI's schema says; empty when all is well. */
export function schemaErrors(kind: keyof typeof validators, body: unknown): string[] {
  const validate = validators[kind];
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message: text }) => `${instancePath} ${text}`);
}
