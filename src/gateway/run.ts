// A run: one admitted call from its plan to its settlement. It tries deployments until one answers, sends the client what comes,
// and settles exactly once, whatever happens.
import type { AnswerContext, ErrorView } from "../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { GatewayError } from "../errors.ts";
import { percentOf } from "../limits/charge.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Plan, Step as PlanStep } from "../router/plan.ts";
import type { Counting } from "../usage/counting.ts";
import { formatUsd, type PriceTerms } from "../usage/price.ts";
import { type Admission, type CallJournal, unrecordable } from "./admit.ts";
import { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { toGatewayError } from "./failover.ts";
import { Pursuit, type PursuitDeps, type PursuitHost, type PursuitLimits } from "./pursuit.ts";
import { failed, type Step } from "./readers.ts";
import { answerHeaders } from "./respond.ts";
import { type CostOf, type Ended, finalUsage, settlementOf, termsOf } from "./settle.ts";
import type { Sink, SinkHost } from "./sink.ts";
import type { Try } from "./try.ts";
import type { Work } from "./work.ts";

export interface RunLimits extends PursuitLimits {
  readonly totalTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxResponseBytes: number;
}

export interface RunDeps extends PursuitDeps {
  readonly journal: CallJournal;
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
  /** More headers of the answer: what the caller asked to be told. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Runs an admitted call. @param settled called once, when it is settled, whatever became of it. */
export function run(admitted: Admitted, sink: Sink, deps: RunDeps, settled: () => void): void {
  new Run(admitted, sink, deps, settled).start();
}

class Run implements PursuitHost, SinkHost {
  readonly #work: Work;
  readonly #admission: Admission;
  readonly #told: Admitted["headers"];
  readonly #call: Call;
  readonly #sink: Sink;
  readonly #answer: Answer;
  readonly #pursuit: Pursuit;
  readonly #deps: RunDeps;
  readonly #settled: () => void;
  readonly #terms: PriceTerms;
  /** The provider's answer is complete: its usage is final. */
  #answered = false;
  #over = false;
  #totalTimer: ReturnType<typeof setTimeout> | null = null;
  #keepAliveTimer: ReturnType<typeof setInterval> | null = null;

  constructor(admitted: Admitted, sink: Sink, deps: RunDeps, settled: () => void) {
    const { call, work, admission, plan } = admitted;
    this.#work = work;
    this.#admission = admission;
    this.#told = admitted.headers;
    this.#call = call;
    this.#sink = sink;
    this.#answer = new Answer(sink, call.dialect, call.id);
    this.#pursuit = new Pursuit(call, work, plan, deps, this);
    this.#deps = deps;
    this.#settled = settled;
    this.#terms = termsOf(call);
  }

  start(): void {
    const { totalTimeoutMs, keepAliveMs } = this.#deps.limits;
    this.#sink.host = this;
    if (this.#sink.gone) {
      this.onGone();
      return;
    }
    this.#totalTimer = setTimeout(() => {
      this.#pursuit.stop("timeout");
      this.onExhausted(failed("timeout", "The answer took longer than this gateway allows."));
    }, totalTimeoutMs);
    const { keepAlive } = this.#work;
    if (this.#call.stream && keepAlive !== null) {
      this.#keepAliveTimer = setInterval(() => this.#answer.keepAlive(keepAlive, () => this.#headers()), keepAliveMs);
    }
    this.#work.watch?.((error) => this.#withdraw(error));
    // Nothing is sent before the admission is written: who is billed by a provider finds the call, whatever becomes of this process.
    if (!this.#over) this.#deps.journal.written((kept) => this.#begin(kept));
  }

  #begin(kept: boolean): void {
    if (this.#over) return;
    if (!kept) {
      this.onRefused(unrecordable());
      return;
    }
    try {
      this.#pursuit.start();
    } catch (error) {
      this.onBroken(error);
    }
  }

  /** The request itself broke while it came in: nobody's failure but its sender's. */
  #withdraw(error: GatewayError): void {
    if (this.#sink.gone) return;
    this.#pursuit.stop("withdrawn");
    this.onRefused(error);
  }

  onContent(one: Try, pieces: Step["out"], first: boolean): void {
    if (first) this.#begins(pieces);
    else this.#answer.write(pieces);
    if (!this.#answer.room) one.pause();
  }

  /** From now on the content keeps the client patient. */
  #begins(pieces: Step["out"]): void {
    if (this.#keepAliveTimer !== null) clearInterval(this.#keepAliveTimer);
    this.#keepAliveTimer = null;
    this.#answer.begin(pieces, this.#headers());
  }

  onDone(one: Try): void {
    if (this.#over) return;
    this.#answered = true;
    this.#stopTimers();
    const usage = this.#usage(one);
    const durable = this.#deps.journal.opened(this.#call.id);
    // Nearly always neither must be waited for, and the answer ends in this turn.
    if (!(usage instanceof Promise) && durable === null) this.#finish(one, usage);
    else void this.#finishLater(one, usage, durable);
  }

  async #finishLater(one: Try, usage: Usage | Promise<Usage>, durable: Promise<void> | null): Promise<void> {
    try {
      await durable;
    } catch (error) {
      // The journal keeps the record and tries again; the answer is not held back for it.
      this.#deps.report(error, this.#call.id);
    }
    this.#finish(one, await usage);
  }

  #finish(one: Try, usage: Usage): void {
    const { router } = this.#deps;
    router.succeeded(one.step, one.underway, one, usage, this.#pursuit.plan);
    // The client may have left meanwhile: the call is then settled already.
    if (this.#over || one.reader === null) return;
    this.#over = true;
    const cost = this.costOf(usage, one.step.deployment);
    const costUsd = cost === null ? null : formatUsd(cost);
    const tail = one.reader.tail(usage, costUsd);
    one.job.told?.(tail);
    this.#settle({ outcome: "completed", errorCode: null, httpStatus: 200 }, usage, one, () => {
      const headers = this.#headers();
      if (this.#call.stream) this.#answer.endStream(one.held, tail, headers);
      else {
        if (costUsd !== null) headers["x-turnpike-cost-usd"] = costUsd;
        this.#answer.send(tail, headers);
      }
    });
  }

  /** What the provider had accepted it may bill: the prompt, at least. */
  onOutrun(one: Try): void {
    const { estimatedInputTokens } = this.#admission;
    const prompt = { inputTokens: estimatedInputTokens, outputTokens: 0, estimated: true as const };
    one.costNanos = this.costOf(prompt, one.step.deployment);
  }

  onExhausted(failure: ProviderFailure): void {
    if (this.#over) return;
    const { latest } = this.#pursuit;
    const step = latest?.step ?? this.#pursuit.plan.steps[0];
    this.onRefused(
      toGatewayError(failure, {
        name: step?.deployment.connection.provider.name ?? "The provider",
        scrub: (text) => latest?.scrub(text) ?? text,
      }),
    );
  }

  onRefused(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimers();
    const { contentSent, httpStatus } = this.#answer;
    const ending = { errorCode: error.code, httpStatus: httpStatus ?? error.status };
    const tell = () => this.#answer.fail(error, this.#headers(), (view) => this.#failStream(view));
    if (contentSent) void this.#settleCounted({ outcome: "cut", ...ending }, this.#pursuit.answering, tell);
    else this.#settle({ outcome: "failed", ...ending }, null, null, tell);
  }

  onBroken(error: unknown): void {
    this.#deps.report(error, this.#call.id);
    this.onRefused(
      new GatewayError("internal_error", "This gateway failed to handle the request. The operator's log says why."),
    );
  }

  /** A stream whose content has begun is failed by its own encoder, which knows what was sent; else by a fresh one. */
  #failStream(view: ErrorView): string | null {
    const reader = this.#answer.contentSent ? this.#pursuit.answering?.reader : null;
    if (reader) return reader.fail(view);
    return this.#work.failStream(view, this.context(this.#pursuit.latest?.step ?? null));
  }

  onDrain(): void {
    this.#pursuit.answering?.resume();
  }

  onGone(): void {
    if (this.#over) return;
    this.#over = true;
    const { latest } = this.#pursuit;
    this.#pursuit.stop("client_gone");
    this.#stopTimers();
    const ending = { outcome: "client_gone", errorCode: null, httpStatus: this.#answer.httpStatus } as const;
    void this.#settleCounted(ending, latest?.accepted === true ? latest : null, () => {});
  }

  /** The headers of the answer as things stand now. */
  #headers(): Record<string, string> {
    const now = this.#deps.clock.monotonic();
    const { latest, tries } = this.#pursuit;
    const headers = answerHeaders({
      requestId: this.#call.id,
      deployment: latest?.step.deployment ?? null,
      attempts: tries.length,
      overheadMs: now - this.#call.startedAt - (latest === null ? 0 : now - latest.startedAt),
      dropped: latest?.job.dropped ?? [],
    });
    return Object.assign(headers, latest?.reader?.headers, this.#admission.headers, this.#told);
  }

  costOf(usage: Usage, deployment: Deployment): bigint | null {
    return this.#deps.costOf(usage, deployment, this.#terms);
  }

  context(step: PlanStep | null): AnswerContext {
    return {
      fallbackId: this.#call.id,
      nowS: Math.floor(this.#deps.clock.now() / 1000),
      model: step?.deployment.model ?? "",
      includeUsage: this.#call.includeUsage,
      request: this.#call.echo ?? this.#call.body,
    };
  }

  #usage({ reader }: Try): Usage | Promise<Usage> {
    return finalUsage(reader?.usage ?? null, this.#answered, {
      inputTokens: () => this.#countInput(),
      seen: () => reader?.seen() ?? { sample: "", scale: 1 },
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
  async #settleCounted(ending: Ended, served: Try | null, tell: () => void): Promise<void> {
    this.#settle(ending, served === null ? null : await this.#usage(served), served, tell);
  }

  /** @param tell the client, how it ended: whoever has seen the end finds it in the ledger, whatever becomes of this process. */
  #settle(ending: Ended, usage: Usage | null, answering: Try | null, tell: () => void): void {
    const { journal, clock } = this.#deps;
    const { tariff, hold } = this.#admission;
    const fee = answering?.step.deployment.connection.terms?.feePercent ?? null;
    const percent = fee === null ? tariff.percent : percentOf(fee);
    const settlement = settlementOf({
      call: this.#call,
      ending,
      usage,
      answering,
      tries: this.#pursuit.tries,
      pricing: this,
      percent,
      prepaid: tariff.prepaid,
      settledAtMs: clock.now(),
      durationMs: Math.round(clock.monotonic() - this.#call.startedAt),
    });
    journal.settle(settlement);
    const tokens = usage === null ? 0 : totalInput(usage) + totalOutput(usage);
    const { costNanos: nanos } = settlement;
    hold.settle(fee === null ? { tokens, nanos } : { tokens, nanos, percent });
    journal.written(() => {
      tell();
      this.#settled();
    });
  }

  #stopTimers(): void {
    if (this.#totalTimer !== null) clearTimeout(this.#totalTimer);
    if (this.#keepAliveTimer !== null) clearInterval(this.#keepAliveTimer);
  }
}
