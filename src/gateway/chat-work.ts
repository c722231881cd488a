// Chat as work: a conversation passed on or translated, its answer streamed or whole.

import type { Deployment } from "../router/deployment.ts";
import type { Counting } from "../usage/counting.ts";
import type { ChatCall } from "./call.ts";
import { ConversationReader, type Prepared, prepare } from "./prepare.ts";
import { PassedStreamReader } from "./read-passed-stream.ts";
import { TranslatedStreamReader } from "./read-translated-stream.ts";
import { WholeReader } from "./read-whole.ts";
import type { AnswerReader } from "./readers.ts";
import type { Job, Work } from "./work.ts";

export interface WorkDeps {
  readonly counting: Counting;
  readonly maxResponseBytes: number;
  /** As a job's (see work.ts), with who answered. */
  readonly told?: ((tail: string | Uint8Array, by: Answerer) => void) | undefined;
}

export interface Answerer {
  readonly deployment: Deployment;
  /** Whether the provider's own answer is passed on. */
  readonly passthrough: boolean;
}

/** The work of a chat call, whatever its dialect. */
export function chatWork(call: ChatCall, { counting, maxResponseBytes, told }: WorkDeps): Work {
  const conversation = new ConversationReader(call);
  return {
    prepare: (deployment) => {
      const prepared = prepare(call, conversation, deployment);
      const job = jobOf(call, prepared, maxResponseBytes);
      if (told === undefined) return job;
      return { ...job, told: (tail) => told(tail, { deployment, passthrough: prepared.kind === "passthrough" }) };
    },
    inputTokens: () => counting.input(conversation.read()),
    keepAlive: call.dialect.keepAlive,
    failStream: (error, context) => call.dialect.stream(context).fail(error),
  };
}

function jobOf(call: ChatCall, prepared: Prepared, maxBytes: number): Job {
  const { request, dropped, dialect: from, kind, oneCall } = prepared;
  const { dialect: to, stream } = call;
  const passthrough = kind === "passthrough";
  const reader: Job["reader"] = (context): AnswerReader => {
    if (!stream) return new WholeReader({ from, to, context, passthrough, oneCall, maxBytes });
    return passthrough
      ? new PassedStreamReader({ dialect: from, server: to, context })
      : new TranslatedStreamReader({ from, to, context, oneCall });
  };
  return { request, dropped, failures: from, reader };
}
