// All that is measured, by deployment, by model and by credential; and its snapshot, so that a restart does not forget it.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Connection } from "../vault/credentials.ts";
import type { BreakerOptions } from "./breaker.ts";
import { CredentialHealth } from "./credential-health.ts";
import { type Deployment, deploymentId } from "./deployment.ts";
import { type Prior, priorOf } from "./priors.ts";
import { keptMs } from "./snapshot.ts";
import { Statistics } from "./statistics.ts";
import { Timing, type TimingSnapshot } from "./timing.ts";

/** Each call moves an average this much of the way. */
const step = 0.05;
/** An answer of a model that has not answered yet is taken to have so many tokens. */
const priorOutputTokens = 400;

/** What is measured of a model wherever it is served: what an unmeasured deployment of it is taken for. */
export class ModelMeasures {
  /** Average tokens of an answer. */
  outputTokens = priorOutputTokens;
  ttftMs: number;
  msPerToken: number;
  /** When an answer of it was last asked for; 0 for never. */
  answeredAtMs = 0;

  constructor({ ttftMs, msPerToken }: Prior) {
    this.ttftMs = ttftMs;
    this.msPerToken = msPerToken;
  }

  answered(outputTokens: number, { timing, lastUsedAtMs }: Statistics): void {
    this.answeredAtMs = lastUsedAtMs;
    this.outputTokens += step * (outputTokens - this.outputTokens);
    this.ttftMs += step * ((timing.ttftMs ?? this.ttftMs) - this.ttftMs);
    this.msPerToken += step * ((timing.msPerToken ?? this.msPerToken) - this.msPerToken);
  }
}

export type ModelSnapshot = readonly [outputTokens: number, ttftMs: number, msPerToken: number, answeredAtMs: number];

export interface MeasuresSnapshot {
  readonly version: 1;
  /** By provider and model. */
  readonly timings: Readonly<Record<string, TimingSnapshot>>;
  readonly models: Readonly<Record<string, ModelSnapshot>>;
}

/** Of more deployments those are forgotten that were not used for longest: callers can name any number of models of a provider. */
const mostDeployments = 20_000;

export class Measures {
  readonly #options: BreakerOptions;
  readonly #random: () => number;
  readonly #deployments = new Map<string, Statistics>();
  readonly #timings = new Map<string, Timing>();
  readonly #models = new Map<string, ModelMeasures>();
  readonly #credentials = new Map<string, CredentialHealth>();
  /** Of the last run, until its deployment is asked for. */
  #restoredTimings: ReadonlyMap<string, TimingSnapshot> = new Map();
  #restoredModels: ReadonlyMap<string, ModelSnapshot> = new Map();

  constructor(options: BreakerOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  ofDeployment(deployment: Deployment): Statistics {
    const id = deploymentId(deployment);
    const known = this.#deployments.get(id);
    if (known !== undefined) return known;
    const statistics = new Statistics(this.#timing(deployment), this.#options, this.#random);
    makeRoom(this.#deployments, ({ lastUsedAtMs }) => lastUsedAtMs);
    this.#deployments.set(id, statistics);
    return statistics;
  }

  #timing({ connection, model }: Deployment): Timing {
    const place = `${connection.provider.id}/${model}`;
    const known = this.#timings.get(place);
    if (known !== undefined) return known;
    const timing = new Timing();
    const restored = this.#restoredTimings.get(place);
    if (restored !== undefined) timing.restore(restored);
    makeRoom(this.#timings, ({ measuredAtMs }) => measuredAtMs);
    this.#timings.set(place, timing);
    return timing;
  }

  /** @param facts of any deployment of the model: what it is taken for until it is measured goes by them. */
  ofModel(name: string, facts: ModelFacts | null): ModelMeasures {
    const known = this.#models.get(name);
    if (known !== undefined) return known;
    const measures = new ModelMeasures(priorOf(facts));
    const restored = this.#restoredModels.get(name);
    if (restored !== undefined) restoreModel(measures, restored);
    makeRoom(this.#models, ({ answeredAtMs }) => answeredAtMs);
    this.#models.set(name, measures);
    return measures;
  }

  ofCredential({ id }: Connection): CredentialHealth {
    const known = this.#credentials.get(id);
    if (known !== undefined) return known;
    const health = new CredentialHealth(this.#options.enabled);
    this.#credentials.set(id, health);
    return health;
  }

  /** Every deployment that was ever asked for, by id. */
  deployments(): ReadonlyMap<string, Statistics> {
    return this.#deployments;
  }

  credentials(): ReadonlyMap<string, CredentialHealth> {
    return this.#credentials;
  }

  /** What a later run may begin with. Breakers and refusals are not in it: they are found out again at once. */
  snapshot(nowMs: number): MeasuresSnapshot {
    const recent = (atMs: number): boolean => nowMs - atMs < keptMs;
    const measured = [...this.#timings].filter(([, timing]) => timing.measurements(nowMs) > 0.01);
    const answered = [...this.#models].filter(([, { answeredAtMs }]) => answeredAtMs > 0);
    return {
      version: 1,
      timings: Object.fromEntries([
        ...[...this.#restoredTimings].filter(([, { ttft }]) => recent(ttft.atMs)),
        ...measured.map(([place, timing]) => [place, timing.snapshot(nowMs)] as const),
      ]),
      models: Object.fromEntries(
        [...this.#restoredModels, ...answered.map(([name, model]) => [name, modelSnapshot(model)] as const)].filter(
          ([, [, , , answeredAtMs]]) => recent(answeredAtMs),
        ),
      ),
    };
  }

  /** Shows what other processes have measured, for those who look and for the next run. */
  adopt({ timings, models }: MeasuresSnapshot): void {
    for (const [place, snapshot] of Object.entries(timings)) {
      const timing = this.#timings.get(place) ?? new Timing();
      timing.restore(snapshot);
      this.#timings.set(place, timing);
    }
    for (const [name, snapshot] of Object.entries(models)) restoreModel(this.ofModel(name, null), snapshot);
  }

  /** Takes a snapshot as what is known of deployments that are asked for from now on. */
  restore({ timings, models }: MeasuresSnapshot): void {
    this.#restoredTimings = new Map(Object.entries(timings));
    this.#restoredModels = new Map(Object.entries(models));
  }
}

function restoreModel(measures: ModelMeasures, snapshot: ModelSnapshot): void {
  [measures.outputTokens, measures.ttftMs, measures.msPerToken, measures.answeredAtMs] = snapshot;
}

function modelSnapshot({ outputTokens, ttftMs, msPerToken, answeredAtMs }: ModelMeasures): ModelSnapshot {
  return [outputTokens, ttftMs, msPerToken, answeredAtMs];
}

/** Where there are as many as there may be, the half that was not of use for longest is forgotten, so that it is rarely looked for. */
function makeRoom<Kept>(map: Map<string, Kept>, lastUseMs: (kept: Kept) => number): void {
  if (map.size < mostDeployments) return;
  const byUse = [...map].toSorted(([, a], [, b]) => lastUseMs(a) - lastUseMs(b));
  for (const [name] of byUse.slice(0, mostDeployments / 2)) map.delete(name);
}
