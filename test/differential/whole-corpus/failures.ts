// What a client is told when a provider fails: the class of the failure, by the provider's own words, in the client's words.
import type { ReadFailure } from "../../support/reading.ts";
import type { ClientDialect } from "./gateway.ts";

/** `ours`: the gateway's credential is refused or has no quota left, which is no fault of the caller's (docs, "Errors"). */
type FailureClass = "invalid" | "too-long" | "ours" | "no-model" | "rate";

/** The first whose words are found decides; else the status does. */
const words: readonly (readonly [RegExp, FailureClass])[] = [
  [/exceeded your current quota(?!.*RESOURCE_EXHAUSTED)/s, "ours"],
  [/Incorrect API key provided/, "ours"],
  [/does not exist|model identifier is invalid/, "no-model"],
  [/too many tokens|messages is too long|exceeds the maximum number of tokens/, "too-long"],
];

const statuses: Readonly<Record<number, FailureClass>> = {
  400: "invalid",
  401: "ours",
  403: "ours",
  404: "no-model",
  429: "rate",
};

/** OpenAI's code, Anthropic's type, Gemini's status. */
const told: Readonly<Record<FailureClass, readonly [openai: string, anthropic: string, gemini: string]>> = {
  invalid: ["invalid_request", "invalid_request_error", "400 INVALID_ARGUMENT"],
  "too-long": ["context_length_exceeded", "invalid_request_error", "400 INVALID_ARGUMENT"],
  ours: ["upstream_error", "api_error", "502 UNAVAILABLE"],
  "no-model": ["model_not_found", "not_found_error", "404 NOT_FOUND"],
  rate: ["rate_limit_exceeded", "rate_limit_error", "429 RESOURCE_EXHAUSTED"],
};

/** @param said the provider's body is its message; of a failure with status 200 what the SDK raised is. */
export function failureOf({ status, message }: ReadFailure, client: ClientDialect): string {
  const found = words.find(([says]) => says.test(message))?.[1] ?? statuses[status ?? 400];
  if (found === undefined) throw new Error(`no class for status ${status}: ${message}`);
  const [openai, anthropic, gemini] = told[found];
  switch (client) {
    case "openai-chat":
    case "openai-responses":
      return openai;
    case "anthropic-messages":
      return anthropic;
    case "gemini":
      return gemini;
  }
}
