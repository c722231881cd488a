// Endpoints in OpenAI's own shape: the client's bytes go through with the model's name edited, and so does the answer.
import type { BodyEdits, Target } from "../dialects/dialect.ts";
import type { Json } from "../dialects/json.ts";
import { failureInside, readFailure } from "../dialects/openai-chat/error.ts";
import { routingMembers } from "../dialects/openai-chat/wire.ts";
import type { Usage } from "../dialects/usage.ts";
import type { EndpointDialect } from "./endpoint.ts";
import { tokenUsage } from "./usage.ts";

export interface PassedOptions {
  /** Below the base URL. */
  readonly path: string;
  /** The usage in an answer; OpenAI's `usage` member when absent. */
  usage?(answer: Json): Usage | null;
  /** More edits of the client's body. */
  edits?(body: Json): Partial<Pick<BodyEdits, "set" | "remove">>;
}

/** An operation that the provider takes in OpenAI's shape at this path. */
export function passed(options: PassedOptions): EndpointDialect {
  const usage = options.usage ?? tokenUsage;
  return {
    path: () => options.path,
    encode: (body, target) => ({ kind: "edits", edits: editsOf(body, target, options), unsupported: [] }),
    decode: (answer) => failureInside({ error: answer.error }) ?? { write: null, usage: usage(answer) },
    streamUsage: usage,
    error: readFailure,
  };
}

function editsOf(body: Json, target: Target, options: PassedOptions): BodyEdits {
  const more = options.edits?.(body) ?? {};
  return {
    set: { model: target.model, ...more.set },
    remove: [...routingMembers.filter((name) => name in body), ...(more.remove ?? [])],
  };
}
