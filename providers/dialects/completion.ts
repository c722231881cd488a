// Completion: the neutral form of a chat answer, whole (Completion) or as it comes (CompletionEvent).
import type { AssistantPart, Citation, Signature, Source } from "./conversation.ts";
import type { ProviderFailure } from "./failure.ts";
import type { Usage } from "./usage.ts";

/** Why a model stopped. `error` is a model-side failure inside a successful response (e.g. a malformed function call). */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "error";

/** OpenAI's log probability of one token, as on the wire (`token`, `logprob`, `bytes`, `top_logprobs`). */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[] | null;
  readonly top_logprobs: readonly {
    readonly token: string;
    readonly logprob: number;
    readonly bytes: readonly number[] | null;
  }[];
}

export interface Logprobs {
  readonly content: readonly TokenLogprob[] | null;
  readonly refusal: readonly TokenLogprob[] | null;
}

export interface Choice {
  readonly index: number;
  /** In the order in which the model made them. */
  readonly content: readonly AssistantPart[];
  readonly finish: FinishReason;
  /** The provider's own word for `finish`; null when it gave none. */
  readonly rawFinish: string | null;
  /** The stop sequence that ended it, where the provider says which. */
  readonly stopSequence?: string;
  readonly logprobs: Logprobs | null;
}

export interface Completion {
  readonly id: string;
  /** The model as the provider names it in its answer. */
  readonly model: string;
  /** Epoch seconds; null when the provider does not say. */
  readonly createdS: number | null;
  readonly choices: readonly Choice[];
  /** Null when the provider did not report: it is then counted here and marked `estimated`. */
  readonly usage: Usage | null;
  readonly serviceTier: string | null;
  readonly systemFingerprint: string | null;
}

/**
 * One step of a streamed answer. `choice` is the answer's index (0 unless several were asked for).
 * `part` numbers the content parts of a choice in order of appearance, over all kinds; a delta belongs to the part it names,
 * and a part's number tells where it stands among its siblings.
 */
export type CompletionEvent =
  | {
      readonly type: "start";
      readonly id: string;
      readonly model: string;
      readonly createdS: number | null;
      readonly serviceTier?: string | null;
      readonly systemFingerprint?: string | null;
    }
  | { readonly type: "text"; readonly choice: number; readonly part: number; readonly text: string }
  | { readonly type: "text-signature"; readonly choice: number; readonly part: number; readonly signature: Signature }
  | { readonly type: "refusal"; readonly choice: number; readonly part: number; readonly text: string }
  | { readonly type: "reasoning"; readonly choice: number; readonly part: number; readonly text: string }
  | {
      readonly type: "reasoning-signature";
      readonly choice: number;
      readonly part: number;
      readonly signature: Signature;
    }
  | {
      readonly type: "reasoning-encrypted";
      readonly choice: number;
      readonly part: number;
      readonly encrypted: Signature;
    }
  /** A tool call begins. Its arguments follow as `tool-arguments` of the same part. */
  | {
      readonly type: "tool-call";
      readonly choice: number;
      readonly part: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: Signature;
    }
  | { readonly type: "tool-arguments"; readonly choice: number; readonly part: number; readonly delta: string }
  | { readonly type: "citation"; readonly choice: number; readonly part: number; readonly citation: Citation }
  | {
      readonly type: "image";
      readonly choice: number;
      readonly part: number;
      readonly source: Source;
      readonly signature?: Signature;
    }
  /** A piece of spoken output: any member may be absent on a delta. */
  | {
      readonly type: "audio";
      readonly choice: number;
      readonly part: number;
      readonly id?: string;
      readonly data?: string;
      readonly transcript?: string;
      readonly expiresAtS?: number;
    }
  | { readonly type: "logprobs"; readonly choice: number; readonly logprobs: Logprobs }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly reason: FinishReason;
      readonly raw: string | null;
      readonly stopSequence?: string;
    }
  /** The usage so far; each one replaces the one before. */
  | { readonly type: "usage"; readonly usage: Usage }
  /** The provider reported a failure inside a stream. Nothing follows it. */
  | { readonly type: "error"; readonly failure: ProviderFailure };

/** Whether an event is content: after the first of these has been sent on, failover is no longer invisible. */
export function isContent(event: CompletionEvent): boolean {
  switch (event.type) {
    case "start":
    case "usage":
    case "error":
      return false;
    default:
      return true;
  }
}
