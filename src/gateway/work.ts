// Work: what a call wants done, as its run sees it: how to ask one deployment, and how to read its answer.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { AnswerContext, ErrorView } from "../../providers/dialects/dialect.ts";
import type { GatewayError } from "../errors.ts";
import type { Deployment } from "../router/deployment.ts";
import type { FailureReader } from "./attempt.ts";
import type { AnswerReader } from "./readers.ts";

/** One deployment's share of the work. */
export interface Job {
  /** Not authorised yet; let go of once it is accepted, for a long prompt would stay as long as its answer streams. */
  request: UpstreamRequest | null;
  readonly failures: FailureReader;
  /** The client's names of parameters that were left out, as it allowed. */
  readonly dropped: readonly string[];
  /** Fresh for each answer. */
  reader(context: AnswerContext): AnswerReader;
  /** Told of the answer that the client gets, before its end is sent: all of it, or of a stream what ends it. Throws nothing. */
  told?(tail: string | Uint8Array): void;
}

export interface Work {
  /**
   * What this deployment must be sent.
   * @throws GatewayError `invalid_request` or `unsupported_parameter`: what the caller must change.
   */
  prepare(deployment: Deployment): Job;
  /** Told what to do when the request turns out to be one that can't be served while it still comes in. */
  watch?(withdraw: (error: GatewayError) => void): void;
  /** Tokens of the request, where the provider does not report them; throws when it can't tell. */
  inputTokens(): number | Promise<number>;
  /** Sent while a stream's content is waited for; null where the client would take it for content. */
  readonly keepAlive: string | null;
  /** The error that ends a stream before its content has begun; null breaks the connection. */
  failStream(error: ErrorView, context: AnswerContext): string | null;
}
