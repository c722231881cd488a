// Legacy completions, a text for a text, where a provider still has them (OpenAI API reference, "Create completion").
import type { BodyEdits } from "../../dialects/dialect.ts";
import { type Json, object } from "../../dialects/json.ts";
import type { EndpointDialect } from "../endpoint.ts";
import { passed } from "../passed.ts";
import { completionsStream } from "./stream.ts";

export interface CompletionsQuirks {
  readonly path?: string;
}

export function completions({ path = "/completions" }: CompletionsQuirks = {}): EndpointDialect {
  return { ...passed({ path, edits: askForUsage }), stream: completionsStream };
}

/** Every stream is accounted; the gateway withholds what the client did not ask for. */
function askForUsage(body: Json): Pick<BodyEdits, "set"> {
  const options = object(body.stream_options);
  if (body.stream !== true || options?.include_usage === true) return { set: {} };
  return { set: { stream_options: { ...options, include_usage: true } } };
}
