// A try: one deployment's attempt at a call, from its preparation to its end, with what it gave before its first content.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { AnswerContext, HeaderLookup } from "../../providers/dialects/dialect.ts";
import { ProviderError, type ProviderFailure } from "../../providers/dialects/failure.ts";
import type { Clock } from "../clock.ts";
import type { Step as PlanStep } from "../router/plan.ts";
import type { Underway } from "../router/statistics.ts";
import type { AttemptReason, AttemptRecord } from "../store/port.ts";
import type { Secret } from "../vault/secret.ts";
import { Attempt, type AttemptHost, type AttemptLimits } from "./attempt.ts";
import type { Step } from "./readers.ts";
import type { Transport } from "./transport.ts";
import type { Job } from "./work.ts";

/** What the router is told of a try. */
export interface TryWatch {
  begin(step: PlanStep, stream: boolean): Underway;
  content(step: PlanStep, underway: Underway): void;
  accepted(step: PlanStep, header: HeaderLookup): void;
  failed(step: PlanStep, underway: Underway, failure: ProviderFailure): void;
  abandoned(step: PlanStep, underway: Underway): void;
}

/** Whoever runs the tries. Exactly one of `onDone`, `onFailed` and `onBroken` is called for each, unless it was stopped. */
export interface TryHost {
  onStep(one: Try, step: Step): void;
  onDone(one: Try): void;
  onFailed(one: Try, failure: ProviderFailure): void;
  /** Something of ours threw. */
  onBroken(one: Try, error: unknown): void;
}

export interface TryOptions {
  readonly step: PlanStep;
  readonly reason: AttemptReason;
  /** How long it was waited for before it was sent. */
  readonly waitedMs: number;
  readonly job: Job;
  readonly stream: boolean;
  readonly context: AnswerContext;
  readonly limits: AttemptLimits;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly watch: TryWatch;
  readonly host: TryHost;
}

type Writable<Record> = { -readonly [Member in keyof Record]: Record[Member] };

export class Try implements AttemptHost {
  readonly #options: TryOptions;
  readonly #underway: Underway;
  readonly #startedAtMs: number;
  #attempt: Attempt | null = null;
  /** What it was sent with. */
  #secret: Secret | null = null;
  #renewed = false;
  #result: string | null = null;
  #durationMs: number | null = null;
  #over = false;
  readonly startedAt: number;
  /** Frames that carry no content yet: nobody sees them before it is certain that this try answers. */
  held: Step["out"] = [];
  /** From its sending to the first content; null before, and for an answer that comes whole. */
  ttftMs: number | null = null;
  /** What it costs although another try answers, in nanodollars; null when that is not known, or nothing. */
  costNanos: bigint | null = null;

  constructor(options: TryOptions) {
    this.#options = options;
    this.startedAt = options.clock.monotonic();
    this.#startedAtMs = options.clock.now();
    this.#underway = options.watch.begin(options.step, options.stream);
  }

  get running(): boolean {
    return !this.#over;
  }

  get step(): PlanStep {
    return this.#options.step;
  }

  get job(): Job {
    return this.#options.job;
  }

  get reader(): Attempt["reader"] | null {
    return this.#attempt?.reader ?? null;
  }

  /** Whether the provider has accepted the request: it may then have worked, and billed, for it. */
  get accepted(): boolean {
    return this.#attempt?.accepted ?? false;
  }

  get underway(): Underway {
    return this.#underway;
  }

  /** Milliseconds from its sending until its end, or until now. */
  get durationMs(): number {
    return this.#durationMs ?? this.#options.clock.monotonic() - this.startedAt;
  }

  start(): void {
    const { step, job } = this.#options;
    if (job.request === null) throw new Error("what was accepted is not sent again");
    try {
      const { provider, secret } = step.deployment.connection;
      this.#secret = secret;
      const authorised = secret === null ? job.request : provider.authorize(job.request, secret.reveal());
      if (authorised instanceof Promise) {
        authorised.then((request) => this.#send(request)).catch((error: unknown) => this.#unsent(error));
      } else {
        this.#send(authorised);
      }
    } catch (error) {
      this.#unsent(error);
    }
  }

  /** Ends it without a word to the host. `result` is what its record says. */
  stop(result: string): void {
    if (!this.#end(result)) return;
    this.#attempt?.stop();
    this.#options.watch.abandoned(this.step, this.#underway);
  }

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  /** Takes the secret that it was sent with out of the provider's words. */
  scrub(text: string): string {
    return this.#secret?.scrub(text) ?? text;
  }

  record(): AttemptRecord {
    const { step, reason, waitedMs } = this.#options;
    const { connection, model } = step.deployment;
    const record: Writable<AttemptRecord> = {
      provider: connection.provider.id,
      model,
      result: this.#result ?? "running",
      status: this.#attempt?.status ?? null,
      startedAtMs: this.#startedAtMs,
      durationMs: Math.round(this.durationMs),
      ttftMs: this.ttftMs === null ? null : Math.round(this.ttftMs),
      reason,
    };
    if (connection.id !== connection.provider.id) record.credential = connection.id;
    if (waitedMs > 0) record.waitedMs = Math.round(waitedMs);
    if (this.costNanos !== null) record.costNanos = this.costNanos.toString();
    return record;
  }

  #send(request: UpstreamRequest): void {
    if (this.#over) return;
    const { transport, job, context, stream, limits } = this.#options;
    const { failures } = job;
    const reader = job.reader(context);
    this.#attempt = new Attempt({ transport, failures, reader, stream, limits, host: this });
    this.#attempt.start(request);
  }

  onAccepted(header: HeaderLookup): void {
    const { watch, step, job } = this.#options;
    job.request = null;
    watch.accepted(step, header);
  }

  onStep(piece: Step): void {
    const { watch, step, stream, clock, host } = this.#options;
    if (piece.content && this.ttftMs === null && stream) {
      this.ttftMs = clock.monotonic() - this.startedAt;
      watch.content(step, this.#underway);
    }
    host.onStep(this, piece);
  }

  onDone(): void {
    if (this.#end("ok")) this.#options.host.onDone(this);
  }

  onFailed(failure: ProviderFailure): void {
    if (failure.kind === "authentication" && this.#renews(failure)) return;
    this.#fail(failure);
  }

  /** True when its secret may have been replaced meanwhile: once, that is found out, and with another one it is sent again. */
  #renews(failure: ProviderFailure): boolean {
    const { source } = this.step.deployment.connection;
    if (source === undefined || this.#secret === null || this.#renewed || this.accepted || this.#over) return false;
    this.#renewed = true;
    source.renew(this.#secret).then(
      (another) => {
        if (another && !this.#over) this.start();
        else this.#fail(failure);
      },
      () => this.#fail(failure),
    );
    return true;
  }

  #fail(failure: ProviderFailure): void {
    if (!this.#end(failure.kind)) return;
    this.#options.watch.failed(this.step, this.#underway, failure);
    this.#options.host.onFailed(this, failure);
  }

  /** Without an identity nothing can be sent: the provider's failure, unless it is a bug. */
  #unsent(error: unknown): void {
    if (this.#over) return;
    if (error instanceof ProviderError) {
      this.onFailed(error.failure);
      return;
    }
    this.stop("broken");
    this.#options.host.onBroken(this, error);
  }

  /** True the first time. */
  #end(result: string): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#result = result;
    this.#durationMs = this.#options.clock.monotonic() - this.startedAt;
    return true;
  }
}
