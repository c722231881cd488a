// Errors: what a provider's error says. The shapes are those of chat; some words are this API's own.
import type { HeaderLookup } from "../dialect.ts";
import type { FailureKind, ProviderFailure } from "../failure.ts";
import { isObject, type Json } from "../json.ts";
import { failureInside as chatFailureInside, readFailure as readChatFailure } from "../openai-chat/error.ts";

export { protocolFailure } from "../openai-chat/error.ts";

/** Codes of OpenAI's `ResponseError` and of its answers that chat does not have. */
const kinds: Readonly<Record<string, FailureKind>> = {
  invalid_prompt: "content_filter",
  bio_policy: "content_filter",
  misalignment_policy_violation: "content_filter",
  image_content_policy_violation: "content_filter",
  data_residency_mismatch: "bad_request",
  invalid_image: "bad_request",
  invalid_image_format: "bad_request",
  invalid_base64_image: "bad_request",
  invalid_image_url: "bad_request",
  image_too_large: "bad_request",
  image_too_small: "bad_request",
  image_parse_error: "bad_request",
  invalid_image_mode: "bad_request",
  image_file_too_large: "bad_request",
  unsupported_image_media_type: "bad_request",
  empty_image_file: "bad_request",
  failed_to_download_image: "bad_request",
  image_file_not_found: "bad_request",
  unsupported_file: "bad_request",
  invalid_encrypted_content: "bad_request",
  previous_response_not_found: "bad_request",
};

/** xAI answers a bad key with status 400 and the code `invalid-argument` (recording `*-xai-*-raises-appropriate-auth-*`). */
const badKey = /incorrect api key/i;

/**
 * Reads a failed response.
 * @param body Parsed JSON, or the text where it is not JSON.
 */
export function readFailure(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  return refined(readChatFailure(status, headers, body));
}

/**
 * The failure that a body with status 200 or an event of a stream holds; null when it holds none. An `error` event has its
 * details in `error` or at the top (see `ErrorStep`).
 */
export function failureInside(body: Json): ProviderFailure | null {
  const failure = chatFailureInside(isObject(body.error) ? { error: body.error } : body);
  return failure === null ? null : refined(failure);
}

function refined(failure: ProviderFailure): ProviderFailure {
  const kind = badKey.test(failure.message) ? "authentication" : kinds[failure.code ?? ""];
  return kind === undefined ? failure : { ...failure, kind };
}
