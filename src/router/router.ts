// The router: plans calls, and is told what becomes of their attempts, which is what it plans the next ones by.
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { readLimits } from "../../providers/dialects/limits.ts";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import type { Clock } from "../clock.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Ask, Weights } from "./ask.ts";
import { type BreakerOptions, breakerDefaults } from "./breaker.ts";
import { type CredentialTrouble, isCredentialTrouble } from "./credential-health.ts";
import { deploymentId } from "./deployment.ts";
import { Measures } from "./measures.ts";
import { type Plan, Planner, type Serving, type Step } from "./plan.ts";
import { objectives } from "./score.ts";
import type { Underway } from "./statistics.ts";
import type { Measured } from "./timing.ts";

export interface RouterOptions {
  readonly clock: Clock;
  /** What is preferred where neither the call nor its alias says; `balanced` by default. */
  readonly weights?: Weights;
  readonly breaker?: Partial<BreakerOptions>;
  /** From 0 to 1, exclusive; a test or a simulation gives its own. */
  readonly random?: () => number;
  /** Told when a credential is refused by its provider, and when it is taken again (null). */
  onCredential?(connection: Connection, trouble: CredentialTrouble | null): void;
}

/** An answer is overdue after so many times what nine of ten need, and hanging after so many times what nineteen do. */
const overdueFactor = 1.2;
const hangingFactor = 6;
/** Nothing is called hanging before this. */
const leastPatienceMs = 20_000;
/** So many measurements make a quantile of 95 % worth going by. */
const enoughMeasurements = 20;

export class Router {
  readonly measures: Measures;
  readonly #planner: Planner;
  readonly #clock: Clock;
  readonly #onCredential: NonNullable<RouterOptions["onCredential"]>;

  constructor(options: RouterOptions) {
    const random = options.random ?? Math.random;
    this.#clock = options.clock;
    this.#onCredential = options.onCredential ?? (() => {});
    this.measures = new Measures({ ...breakerDefaults, ...options.breaker }, random);
    this.#planner = new Planner({
      measures: this.measures,
      weights: options.weights ?? objectives.balanced,
      now: () => this.#clock.now(),
      random,
    });
  }

  /**
   * The deployments to try for a call, in order.
   * @throws GatewayError as `Planner.plan` does: what removed the last candidate.
   */
  plan(ask: Ask, serving: Serving): Plan {
    return this.#planner.plan(ask, serving);
  }

  /** An attempt begins; it must be given to exactly one of `succeeded`, `failed` and `abandoned`. */
  begin({ candidate, score }: Step, stream: boolean): Underway {
    const { statistics } = candidate;
    const ttftMs = statistics.timing.ttftQuantile(0.9) ?? 2 * score.ttftMs;
    const dueInMs = overdueFactor * (stream ? ttftMs : Math.max(ttftMs, score.timeMs));
    const nowMs = this.#clock.now();
    candidate.deployment.connection.terms?.room?.begin(nowMs);
    return statistics.begin(nowMs, dueInMs);
  }

  content({ candidate }: Step, underway: Underway): void {
    candidate.statistics.content(underway, this.#clock.now());
  }

  /** The head of an accepted answer has come: the credential works, and the headers may say how much is left. */
  accepted({ candidate, deployment }: Step, header: HeaderLookup): void {
    const nowMs = this.#clock.now();
    if (candidate.credential.accepted()) this.#onCredential(deployment.connection, null);
    const limits = readLimits(header, nowMs);
    if (limits !== null) candidate.statistics.headroom.told(limits, nowMs);
  }

  succeeded(
    step: Step,
    underway: Underway,
    measured: Omit<Measured, "outputTokens">,
    usage: Usage,
    { conversation }: Pick<Plan, "conversation">,
  ): void {
    const { candidate, score, deployment } = step;
    const nowMs = this.#clock.now();
    const outputTokens = totalOutput(usage);
    // Read one by one: what is measured may be a getter, which a spread would leave out.
    const { ttftMs, durationMs } = measured;
    deployment.connection.terms?.room?.end(totalInput(usage) + outputTokens, nowMs);
    candidate.statistics.succeeded(underway, { ttftMs, durationMs, outputTokens }, nowMs);
    candidate.model.answered(outputTokens, candidate.statistics);
    if (conversation === null) return;
    const inputTokens = totalInput(usage);
    if (score.cachedShare > 0 && inputTokens > 0) {
      candidate.statistics.cacheSeen(score.cachedShare, (usage.cachedInputTokens ?? 0) / inputTokens);
    }
    this.#planner.affinity.keep(conversation, { deployment: deploymentId(deployment), inputTokens, atMs: nowMs });
  }

  failed({ candidate, deployment }: Step, underway: Underway, failure: ProviderFailure): void {
    const nowMs = this.#clock.now();
    deployment.connection.terms?.room?.end(0, nowMs);
    candidate.statistics.failed(underway, failure, nowMs);
    if (!isCredentialTrouble(failure.kind)) return;
    if (candidate.credential.refused(failure.kind, nowMs)) this.#onCredential(deployment.connection, failure.kind);
  }

  abandoned({ candidate, deployment }: Step, underway: Underway): void {
    deployment.connection.terms?.room?.end(0, this.#clock.now());
    candidate.statistics.abandoned(underway);
  }

  /** How long a stream's first content is worth waiting for while another deployment stands by; null when nobody can say. */
  patienceMs({ candidate: { statistics } }: Step): number | null {
    const usual = this.#usualMs(statistics);
    return usual === null ? null : Math.max(leastPatienceMs, hangingFactor * usual);
  }

  /** When a second attempt may be sent beside one that is slower than nineteen of twenty; null when nobody can say. */
  hedgeAfterMs({ candidate: { statistics } }: Step): number | null {
    return this.#usualMs(statistics);
  }

  #usualMs(statistics: Step["candidate"]["statistics"]): number | null {
    return statistics.timing.measurements(this.#clock.now()) < enoughMeasurements
      ? null
      : statistics.timing.ttftQuantile(0.95);
  }
}
