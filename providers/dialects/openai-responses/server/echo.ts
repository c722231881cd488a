// Echo: the members of a response that repeat the client's request, with OpenAI's defaults where it was silent.
import { type Json, list, object } from "../../json.ts";
import type { Echo } from "../wire.ts";

/** @param request The client's body, which was read before: its members have the types of the reference. */
export function echoOf(request: Json): Echo {
  const reasoning = object(request.reasoning) ?? {};
  const text = object(request.text) ?? {};
  return {
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: request.safety_identifier ?? null,
    ...(request.store === undefined ? {} : { store: request.store }),
    // Another vendor's defaults are not OpenAI's: where the client was silent, nothing is claimed.
    temperature: request.temperature ?? null,
    text: { ...text, format: object(text.format) ?? { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: list(request.tools),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: request.truncation ?? "disabled",
    user: request.user ?? null,
  };
}
