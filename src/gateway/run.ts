// A run: one admitted call from its plan to its settlement. It tries deployments until one answers, sends the client what comes,
// and settles exactly once, whatever happens.
import type { AnswerContext, ErrorView } from "../../providers/dialects/dialect.ts";
import { ProviderError, type ProviderFailure } from "../../providers/dialects/failure.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { Deployment, Plan } from "../router/deployment.ts";
import type { AttemptRecord, CallOutcome } from "../store/port.ts";
import type { Counting } from "../usage/counting.ts";
import { formatUsd } from "../usage/price.ts";
import type { Admission, CallJournal } from "./admit.ts";
import { Answer } from "./answer.ts";
import { Attempt, type AttemptLimits } from "./attempt.ts";
import type { Call } from "./call.ts";
import { mayTryElsewhere, toGatewayError } from "./failover.ts";
import { failed, type Step } from "./readers.ts";
import { answerHeaders } from "./respond.ts";
import { type CostOf, finalUsage } from "./settle.ts";
import type { Sink } from "./sink.ts";
import type { Transport } from "./transport.ts";
import type { Job, Work } from "./work.ts";

export interface RunLimits extends AttemptLimits {
  readonly totalTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxAttempts: number;
  readonly maxResponseBytes: number;
}

export interface RunDeps {
  readonly transport: Transport;
  readonly journal: CallJournal;
  readonly clock: Clock;
  readonly counting: Counting;
  readonly costOf: CostOf;
  readonly limits: RunLimits;
  /** A bug or a failure of our own, for the log. */
  report(error: unknown, callId: string): void;
}

/** An admitted call: what is wanted, what was reserved for it, and who may do it. */
export interface Admitted {
  readonly call: Call;
  readonly work: Work;
  readonly admission: Admission;
  readonly plan: Plan;
}

/** Runs an admitted call. Resolves when it is settled; never rejects. */
export function run(admitted: Admitted, sink: Sink, deps: RunDeps): Promise<void> {
  return new Promise((resolve) => new Run(admitted, sink, deps, resolve).start());
}

class Run {
  readonly #call: Call;
  readonly #work: Work;
  readonly #admission: Admission;
  readonly #deployments: readonly Deployment[];
  readonly #sink: Sink;
  readonly #answer: Answer;
  readonly #deps: RunDeps;
  readonly #settled: () => void;
  readonly #records: AttemptRecord[] = [];
  #next = 0;
  #deployment: Deployment | null = null;
  #job: Job | null = null;
  #attempt: Attempt | null = null;
  #attemptAt = 0;
  #attemptAtMs = 0;
  #ttftMs: number | null = null;
  /** The provider's answer is complete: its usage is final. */
  #answered = false;
  #over = false;
  #totalTimer: ReturnType<typeof setTimeout> | null = null;
  #keepAliveTimer: ReturnType<typeof setInterval> | null = null;

  constructor({ call, work, admission, plan }: Admitted, sink: Sink, deps: RunDeps, settled: () => void) {
    this.#call = call;
    this.#work = work;
    this.#admission = admission;
    this.#deployments = plan.deployments.slice(0, deps.limits.maxAttempts);
    this.#sink = sink;
    this.#answer = new Answer(sink, call.dialect, call.id);
    this.#deps = deps;
    this.#settled = settled;
  }

  start(): void {
    const { totalTimeoutMs, keepAliveMs } = this.#deps.limits;
    this.#sink.onGone = () => this.#clientGone();
    this.#sink.onDrain = () => this.#attempt?.resume();
    if (this.#sink.gone) {
      this.#clientGone();
      return;
    }
    this.#totalTimer = setTimeout(() => {
      this.#attempt?.stop();
      this.#record("timeout", this.#attempt?.status ?? null);
      this.#giveUp(failed("timeout", "The answer took longer than this gateway allows."));
    }, totalTimeoutMs);
    const { keepAlive } = this.#work;
    if (this.#call.stream && keepAlive !== null) {
      this.#keepAliveTimer = setInterval(() => this.#answer.keepAlive(keepAlive, this.#headers), keepAliveMs);
    }
    this.#tryNext(null);
  }

  #tryNext(last: ProviderFailure | null): void {
    const deployment = this.#deployments[this.#next];
    if (deployment === undefined) {
      this.#giveUp(last ?? failed("server", "No deployment could be tried."));
      return;
    }
    this.#next += 1;
    this.#deployment = deployment;
    this.#attemptAt = this.#deps.clock.monotonic();
    this.#attemptAtMs = this.#deps.clock.now();
    try {
      this.#job = this.#work.prepare(deployment);
    } catch (error) {
      this.#attempt = null;
      if (!(error instanceof GatewayError)) this.#broken(error);
      else if (error.code === "unsupported_parameter" && this.#next < this.#deployments.length) this.#tryNext(last);
      else this.#refuse(error);
      return;
    }
    this.#send(deployment, this.#job);
  }

  #send(deployment: Deployment, job: Job): void {
    const { provider, secret } = deployment.connection;
    const attempt = (request: Job["request"]): void => {
      if (this.#over) return;
      this.#attempt = new Attempt({
        transport: this.#deps.transport,
        request,
        failures: job.failures,
        reader: job.reader(this.#context()),
        stream: this.#call.stream,
        limits: this.#deps.limits,
        host: {
          onStep: (step) => this.#onStep(step),
          onDone: () => this.#onDone(),
          onFailed: (failure) => this.#onFailed(failure),
        },
      });
      this.#attempt.start();
    };
    try {
      const authorised = secret === null ? job.request : provider.authorize(job.request, secret.reveal());
      if (authorised instanceof Promise) {
        authorised.then(attempt).catch((error: unknown) => this.#unsent(error));
      } else {
        attempt(authorised);
      }
    } catch (error) {
      this.#unsent(error);
    }
  }

  /** Without an identity nothing can be sent: the provider's failure, unless it is a bug. */
  #unsent(error: unknown): void {
    if (!(error instanceof ProviderError)) this.#broken(error);
    else if (!this.#over) this.#onFailed(error.failure);
  }

  #onStep(step: Step): void {
    if (!this.#call.stream) return;
    if (step.content && this.#ttftMs === null) this.#ttftMs = this.#deps.clock.monotonic() - this.#attemptAt;
    if (!this.#answer.stream(step, this.#headers)) this.#attempt?.pause();
  }

  #onDone(): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    this.#record("ok", attempt.status);
    this.#answered = true;
    this.#stopTimers();
    const usage = this.#usage(attempt);
    const durable = this.#deps.journal.opened(this.#call.id);
    // Nearly always neither must be waited for, and the answer ends in this turn.
    if (!(usage instanceof Promise) && durable === null) this.#finish(attempt, usage);
    else void this.#finishLater(attempt, usage, durable);
  }

  async #finishLater(attempt: Attempt, usage: Usage | Promise<Usage>, durable: Promise<void> | null): Promise<void> {
    try {
      await durable;
    } catch (error) {
      // The journal keeps the record and tries again; the answer is not held back for it.
      this.#deps.report(error, this.#call.id);
    }
    this.#finish(attempt, await usage);
  }

  #finish(attempt: Attempt, usage: Usage): void {
    const deployment = this.#deployment;
    // The client may have left meanwhile: the call is then settled already.
    if (this.#over || deployment === null) return;
    this.#over = true;
    const cost = this.#deps.costOf(usage, deployment);
    const costUsd = cost === null ? null : formatUsd(cost);
    const tail = attempt.reader.tail(usage, costUsd);
    if (this.#call.stream) this.#answer.endStream(tail, this.#headers);
    else {
      const costHeader = costUsd === null ? {} : { "x-turnpike-cost-usd": costUsd };
      this.#answer.send(tail, { ...this.#headers(), ...costHeader });
    }
    this.#settle("completed", null, usage);
  }

  #onFailed(failure: ProviderFailure): void {
    this.#record(failure.kind, failure.status);
    if (this.#answer.contentSent || !mayTryElsewhere(failure) || this.#next >= this.#deployments.length) {
      this.#giveUp(failure);
      return;
    }
    this.#answer.forget();
    this.#tryNext(failure);
  }

  /** No deployment will do it any more: the client is told, and the call is settled. */
  #giveUp(failure: ProviderFailure): void {
    if (this.#over) return;
    const deployment = this.#deployment;
    const provider = deployment?.connection.provider.name ?? "The provider";
    const secret = deployment?.connection.secret ?? null;
    this.#refuse(
      toGatewayError(failure, { name: provider, scrub: (text) => (secret === null ? text : secret.scrub(text)) }),
    );
  }

  #refuse(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    const { contentSent } = this.#answer;
    this.#answer.fail(error, this.#headers(), (view) => this.#failStream(view));
    void this.#settleLater(contentSent ? "cut" : "failed", error.code, contentSent);
  }

  /** A stream whose content has begun is failed by its own encoder, which knows what was sent; else by a fresh one. */
  #failStream(view: ErrorView): string | null {
    const reader = this.#answer.contentSent ? this.#attempt?.reader : undefined;
    return reader === undefined ? this.#work.failStream(view, this.#context()) : reader.fail(view);
  }

  #broken(error: unknown): void {
    this.#deps.report(error, this.#call.id);
    this.#attempt?.stop();
    this.#refuse(
      new GatewayError("internal_error", "This gateway failed to handle the request. The operator's log says why."),
    );
  }

  #clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    const attempt = this.#attempt;
    attempt?.stop();
    if (attempt !== null && !this.#answered) this.#record("client_gone", attempt.status);
    void this.#settleLater("client_gone", null, attempt?.accepted === true);
  }

  /** The headers of the answer as things stand now. */
  readonly #headers = (): Record<string, string> => {
    const now = this.#deps.clock.monotonic();
    const upstreamMs = this.#attemptAt === 0 ? 0 : now - this.#attemptAt;
    const told = answerHeaders({
      requestId: this.#call.id,
      deployment: this.#deployment,
      attempts: this.#next,
      overheadMs: now - this.#call.startedAt - upstreamMs,
      dropped: this.#job?.dropped ?? [],
    });
    return { ...told, ...this.#attempt?.reader.headers };
  };

  #context(): AnswerContext {
    return {
      fallbackId: this.#call.id,
      nowS: Math.floor(this.#deps.clock.now() / 1000),
      model: this.#deployment?.model ?? "",
      includeUsage: this.#call.includeUsage,
      request: this.#call.body,
    };
  }

  #record(result: string, status: number | null): void {
    const deployment = this.#deployment;
    if (deployment === null) return;
    this.#records.push({
      provider: deployment.connection.provider.id,
      model: deployment.model,
      result,
      status,
      startedAtMs: this.#attemptAtMs,
      durationMs: Math.round(this.#deps.clock.monotonic() - this.#attemptAt),
      ttftMs: this.#ttftMs === null ? null : Math.round(this.#ttftMs),
    });
  }

  #usage(attempt: Attempt): Usage | Promise<Usage> {
    return finalUsage(attempt.reader.usage, this.#answered, {
      inputTokens: () => this.#countInput(),
      seen: () => attempt.reader.seen(),
      counting: this.#deps.counting,
    });
  }

  #countInput(): number | Promise<number> {
    try {
      return this.#work.inputTokens();
    } catch {
      // A passthrough may carry a conversation that this version can't read.
      return this.#admission.estimatedInputTokens;
    }
  }

  /** Settles a call that did not end well; what it was served, if anything, is counted first. */
  async #settleLater(outcome: CallOutcome, errorCode: string | null, served: boolean): Promise<void> {
    this.#stopTimers();
    const attempt = served ? this.#attempt : null;
    this.#settle(outcome, errorCode, attempt === null ? null : await this.#usage(attempt));
  }

  #settle(outcome: CallOutcome, errorCode: string | null, usage: Usage | null): void {
    const deployment = usage === null ? null : this.#deployment;
    this.#deps.journal.settle({
      id: this.#call.id,
      outcome,
      httpStatus: this.#answer.httpStatus,
      errorCode,
      provider: deployment?.connection.provider.id ?? null,
      model: deployment?.model ?? null,
      canonicalModel: deployment?.facts?.canonical ?? null,
      finishReason: usage === null ? null : (this.#attempt?.reader.finishReason ?? null),
      usage,
      // Nothing served costs nothing; what was served at an unknown price costs an unknown amount.
      costNanos: usage === null || deployment === null ? 0n : this.#deps.costOf(usage, deployment),
      attempts: this.#records,
      settledAtMs: this.#deps.clock.now(),
      ttftMs: this.#ttftMs === null ? null : Math.round(this.#ttftMs),
      durationMs: Math.round(this.#deps.clock.monotonic() - this.#call.startedAt),
    });
    this.#settled();
  }

  #stopTimers(): void {
    if (this.#totalTimer !== null) clearTimeout(this.#totalTimer);
    if (this.#keepAliveTimer !== null) clearInterval(this.#keepAliveTimer);
  }
}
