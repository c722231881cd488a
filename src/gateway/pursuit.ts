// A pursuit: tries a plan's deployments until one answers. It decides who is tried when, and who wins; it sends the client nothing.
import type { AnswerContext } from "../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { Plan, Step as PlanStep } from "../router/plan.ts";
import type { Router } from "../router/router.ts";
import type { AttemptReason } from "../store/port.ts";
import type { AttemptLimits } from "./attempt.ts";
import type { Call } from "./call.ts";
import { failed, type Step } from "./readers.ts";
import { type Next, next, type RetryLimits, type RetryState, type Tried } from "./retry.ts";
import type { Transport } from "./transport.ts";
import { Try, type TryHost } from "./try.ts";
import type { Job, Work } from "./work.ts";

export interface PursuitLimits extends AttemptLimits, RetryLimits {
  /** Whether a second attempt is sent beside one that is slower than usual, where the call does not say. */
  readonly hedge: boolean;
}

export interface PursuitDeps {
  readonly transport: Transport;
  readonly router: Router;
  readonly clock: Clock;
  readonly limits: PursuitLimits;
  random(): number;
}

/** Whoever pursues. Exactly one of `onDone`, `onExhausted`, `onRefused` and `onBroken` is called, unless it was stopped. */
export interface PursuitHost {
  /** What an answer is read and written with, for the deployment of a step. */
  context(step: PlanStep | null): AnswerContext;
  /** The first content of the one that answers, with what it gave before, and then all that follows. */
  onContent(one: Try, pieces: Step["out"], first: boolean): void;
  onDone(one: Try): void;
  /** Nothing is left that may succeed; or the answer broke off, which the client can't be spared. */
  onExhausted(failure: ProviderFailure): void;
  /** The call fits no deployment that is left. */
  onRefused(error: GatewayError): void;
  /** Something of ours threw. */
  onBroken(error: unknown): void;
  /** An attempt that had been accepted is stopped because another one was faster. */
  onOutrun(one: Try): void;
}

const none: ReadonlySet<PlanStep> = new Set();

export class Pursuit implements TryHost {
  readonly #call: Call;
  readonly #work: Work;
  #plan: Plan;
  readonly #deps: PursuitDeps;
  readonly #host: PursuitHost;
  /** Most calls have neither failures nor deployments that can't take them. */
  #failures: readonly Tried[] = [];
  #unfit: ReadonlySet<PlanStep> = none;
  /** Until the next try: a retry's wait, or the time after which a slow one is hedged. */
  #timer: ReturnType<typeof setTimeout> | null = null;
  #over = false;
  /** All that were begun, in order. */
  tries: readonly Try[] = [];
  /** The one whose answer the client gets; null until that is certain. */
  answering: Try | null = null;

  constructor(call: Call, work: Work, plan: Plan, deps: PursuitDeps, host: PursuitHost) {
    this.#call = call;
    this.#work = work;
    this.#plan = plan;
    this.#deps = deps;
    this.#host = host;
  }

  /** The one that the client would hear of: the one that answers, else the last. */
  get latest(): Try | null {
    return this.answering ?? this.tries.at(-1) ?? null;
  }

  get plan(): Plan {
    return this.#plan;
  }

  start(): void {
    this.#goOn(null);
  }

  /** Ends it without a word to the host. `result` is what the records of running tries say. */
  stop(result: string): void {
    if (this.#over) return;
    this.#end();
    for (const one of this.tries) one.stop(result);
  }

  /** Tries the next deployment, or says that there is none. */
  #goOn(last: ProviderFailure | null): void {
    const then = next(this.#state(), this.#deps.limits);
    if (then === null) this.#exhausted(last ?? this.#busy());
    else if (then.afterMs === 0) this.#try(then, last);
    else this.#later(then.afterMs, () => this.#try(then, last));
  }

  #state(): RetryState {
    const { clock, random } = this.#deps;
    return {
      steps: this.#plan.steps,
      tried: this.#failures,
      unfit: this.#unfit,
      attempts: this.tries.length,
      elapsedMs: clock.monotonic() - this.#call.startedAt,
      nowMs: clock.now(),
      random,
    };
  }

  #try({ step, afterMs, reason }: Next, last: ProviderFailure | null): void {
    const job = this.#prepare(step, last);
    if (job !== null) this.#begin(step, job, afterMs, reason === "planned" ? step.reason : reason);
  }

  #begin(step: PlanStep, job: Job, waitedMs: number, reason: AttemptReason): void {
    const { transport, clock, router } = this.#deps;
    const one = new Try({
      step,
      reason,
      waitedMs,
      job,
      stream: this.#call.stream,
      context: this.#host.context(step),
      limits: this.#limits(step),
      transport,
      clock,
      watch: router,
      host: this,
    });
    this.tries = this.tries.concat(one);
    if (reason !== "hedge") this.#hedgeLater(one);
    one.start();
  }

  /** What this deployment must be sent; null when it can't take the call, which then goes on elsewhere or is refused. */
  #prepare(step: PlanStep, last: ProviderFailure | null): Job | null {
    try {
      return this.#work.prepare(step.deployment);
    } catch (error) {
      this.#leaveOut(step);
      if (!(error instanceof GatewayError)) this.#broken(error);
      else if (error.code === "unsupported_parameter" && next(this.#state(), this.#deps.limits) !== null)
        this.#goOn(last);
      else this.#refused(error);
      return null;
    }
  }

  /** A stream that begins much later than usual hangs; while another deployment stands by it is not waited for. */
  #limits(step: PlanStep): AttemptLimits {
    const { limits, router } = this.#deps;
    const patienceMs = this.#call.stream && this.#standsBy(step) ? router.patienceMs(step) : null;
    if (patienceMs === null || patienceMs >= limits.firstByteTimeoutMs) return limits;
    return { firstByteTimeoutMs: patienceMs, idleTimeoutMs: limits.idleTimeoutMs };
  }

  #standsBy(step: PlanStep): boolean {
    const mayTryMore = this.tries.length + 1 < this.#deps.limits.maxAttempts;
    return (
      mayTryMore && this.#plan.steps.some((other) => other !== step && this.tries.every((one) => one.step !== other))
    );
  }

  #hedgeLater(one: Try): void {
    const { limits, router } = this.#deps;
    if (!(this.#call.preferences.hedge ?? limits.hedge) || !this.#standsBy(one.step)) return;
    const afterMs = router.hedgeAfterMs(one.step);
    if (afterMs !== null) this.#later(afterMs, () => this.#hedge(afterMs));
  }

  #hedge(afterMs: number): void {
    if (this.answering !== null || this.#running() !== 1) return;
    const begun = new Set([...this.#unfit, ...this.tries.map(({ step }) => step)]);
    const then = next({ ...this.#state(), tried: [], unfit: begun }, this.#deps.limits);
    if (then === null || then.afterMs > 0) return;
    try {
      this.#begin(then.step, this.#work.prepare(then.step.deployment), afterMs, "hedge");
    } catch {
      // It can't take the call; the one that runs may still answer it.
      this.#leaveOut(then.step);
    }
  }

  #leaveOut(step: PlanStep): void {
    this.#unfit = new Set(this.#unfit).add(step);
  }

  #running(): number {
    return this.tries.reduce((count, one) => (one.running ? count + 1 : count), 0);
  }

  #later(afterMs: number, what: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#over) what();
    }, afterMs);
  }

  onStep(one: Try, step: Step): void {
    if (!this.#call.stream || this.#over) return;
    if (this.answering === one) {
      this.#host.onContent(one, step.out, false);
    } else if (step.content) {
      this.#settleOn(one);
      const pieces = one.held.concat(step.out);
      one.held = [];
      this.#host.onContent(one, pieces, true);
    } else {
      one.held = one.held.concat(step.out);
    }
  }

  onDone(one: Try): void {
    if (this.#over) return;
    if (this.answering === null) this.#settleOn(one);
    this.#end();
    this.#host.onDone(one);
  }

  onFailed(one: Try, failure: ProviderFailure): void {
    if (this.#over) return;
    this.#failures = this.#failures.concat({ step: one.step, failure });
    if (this.answering === one) this.#exhausted(failure);
    // Where another one runs beside it, that one is the retry.
    else if (this.#running() === 0) this.#goOn(failure);
  }

  onBroken(_one: Try, error: unknown): void {
    this.#broken(error);
  }

  /** This one answers the client; what runs beside it is stopped, and what only another try would need is let go. */
  #settleOn(one: Try): void {
    this.answering = one;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#plan = { conversation: this.#plan.conversation, removed: [], steps: [one.step] };
    this.#call.rawBody = "";
    for (const other of this.tries) {
      if (other === one || !other.running) continue;
      other.stop("outrun");
      if (other.accepted) this.#host.onOutrun(other);
    }
  }

  /** Nothing may be asked at the moment, and the wait is too long to be waited. */
  #busy(): ProviderFailure {
    const nowMs = this.#deps.clock.now();
    const ready = this.#plan.steps.map(({ candidate }) => candidate.statistics.headroom.pausedUntilMs - nowMs);
    const message = "The provider has asked to be left alone for a while, and no other deployment is left.";
    return { ...failed("rate_limit", message), retryAfterMs: Math.max(1, Math.min(...ready)) };
  }

  #exhausted(failure: ProviderFailure): void {
    if (this.#over) return;
    this.#end();
    this.#host.onExhausted(failure);
  }

  #refused(error: GatewayError): void {
    if (this.#over) return;
    this.#end();
    this.#host.onRefused(error);
  }

  #broken(error: unknown): void {
    if (this.#over) return;
    this.stop("broken");
    this.#host.onBroken(error);
  }

  #end(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
