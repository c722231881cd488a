// Planning: which deployments a call is sent to, and in which order. It decides; it sends nothing.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import { GatewayError } from "../errors.ts";
import type { Connection } from "../vault/credentials.ts";
import { Affinity, conversationOf } from "./affinity.ts";
import type { Aliases } from "./alias.ts";
import { type Ask, charactersPerToken, type Weights } from "./ask.ts";
import { type Candidate, CandidateFinder } from "./candidates.ts";
import { deploymentId } from "./deployment.ts";
import { type FilterContext, nothingLeft, type Removed, removedBy, saidToBeAble } from "./filters.ts";
import { type Group, groupsOf } from "./groups.ts";
import type { Measures } from "./measures.ts";
import { byPriority, isOwnMixed, type Ordering, ordered, ownFirst, type Step } from "./order.ts";
import { type Expected, normalised, objectives } from "./score.ts";

export type { Step };

/** The deployments to try, in order. Never empty. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Those that were considered and may not be tried. */
  readonly removed: readonly Removed[];
  /** What names the conversation; null where none is kept. */
  readonly conversation: string | null;
}

export interface PlannerDeps {
  readonly measures: Measures;
  /** What is preferred where neither the call nor its alias says: the installation's own weights. */
  readonly weights: Weights;
  now(): number;
  random(): number;
}

/** What can be called, as of now. */
export interface Serving {
  readonly catalog: Catalog;
  readonly connections: ReadonlyMap<string, Connection>;
  readonly aliases: Aliases;
}

export class Planner {
  readonly affinity = new Affinity();
  readonly #deps: PlannerDeps;
  readonly #finder: CandidateFinder;

  constructor(deps: PlannerDeps) {
    this.#deps = deps;
    this.#finder = new CandidateFinder(deps.measures);
  }

  /**
   * Every deployment to try for a call, in order: its models as the caller lists them, the deployments of each by score.
   * @throws GatewayError `model_not_found`, `no_deployment_available`, `context_length_exceeded`, `upstream_error`: says what
   *   removed the last candidate.
   */
  plan(ask: Ask, serving: Serving): Plan {
    const nowMs = this.#deps.now();
    let steps: readonly Step[] = nowhere;
    const removed: Removed[] = [];
    let refusal: GatewayError | null = null;
    let ranks = 0;
    const conversation = conversationOf(ask);
    const expected = this.#expected(ask, conversation, nowMs);
    for (const name of ask.models) {
      const groups = groupsOf(name, ask, {
        serving,
        find: (model) => this.#finder.find(model, ask, serving),
        random: this.#deps.random,
      });
      if (groups instanceof GatewayError) {
        refusal ??= groups;
        continue;
      }
      for (const group of groups) {
        const left = this.#filter(group, { ask, requested: name, nowMs }, removed, serving.catalog);
        if (left.length === 0) {
          refusal ??= nothingLeft(group.name, removed, group.candidates, nowMs);
          continue;
        }
        const ranked = this.#rank(left, group, ask, expected);
        steps = ranks === 0 ? ranked : [...steps, ...ranked];
        ranks += 1;
      }
    }
    const [first] = steps;
    if (first === undefined) throw refusal ?? new GatewayError("no_deployment_available", "No model was named.");
    if (steps.length === 1) return { steps, removed, conversation };
    const { allowFallbacks } = ask.preferences;
    const allowed = allowFallbacks ? (ranks === 1 ? steps : withoutRepeats(steps)) : withoutFallbacks(steps, first);
    return { steps: readyFirst(allowed, nowMs), removed, conversation };
  }

  #filter(
    group: Group,
    about: Pick<FilterContext, "ask" | "requested" | "nowMs">,
    removed: Removed[],
    catalog: Catalog,
  ): readonly Candidate[] {
    const { ask, requested, nowMs } = about;
    const context = { ask, requested, nowMs, preferences: group.preferences, pinned: group.pinned };
    // A list of its own is made for what is left only where something is removed.
    let kept: Candidate[] | null = null;
    for (const [at, candidate] of group.candidates.entries()) {
      const filter = removedBy(candidate, context);
      if (filter === null) {
        kept?.push(candidate);
        continue;
      }
      removed.push({ deployment: candidate.deployment, filter });
      kept ??= group.candidates.slice(0, at);
    }
    if (kept === null || kept.length > 0) return kept ?? group.candidates;
    // Sellers of one model contradict each other about what it can do. Before a call is refused for it, the provider is asked.
    const rows = catalog.models();
    const doubted: FilterContext["doubted"] = ({ canonical }, lacking) =>
      saidToBeAble(rows.get(canonical) ?? [], lacking);
    return group.candidates.filter((candidate) => removedBy(candidate, { ...context, doubted }) === null);
  }

  /** Those that may be asked at once compete; those whose providers have asked to be left alone for a while follow. */
  #rank(candidates: readonly Candidate[], group: Group, ask: Ask, expected: Expected): readonly Step[] {
    const { order, minThroughput, maxLatencyS } = group.preferences;
    const ordering: Ordering = {
      name: group.name,
      weights: this.#weights(group, ask),
      expected,
      order,
      share: group.share,
      minThroughput,
      maxLatencyS,
      random: this.#deps.random,
    };
    const isPaused = ({ statistics }: Candidate): boolean => statistics.headroom.pausedUntilMs > expected.nowMs;
    if (!candidates.some(isPaused) && !isOwnMixed(candidates)) return byPriority(ordered(candidates, ordering));
    const apart = [candidates.filter((one) => !isPaused(one)), candidates.filter(isPaused)];
    return byPriority(apart.flatMap(ownFirst).flatMap((some) => ordered(some, ordering)));
  }

  /** The caller's wish, else the name's, else the installation's. Null for the least busy. */
  #weights({ strategy }: Group, { preferences }: Ask): Weights | null {
    const wanted = preferences.sort ?? strategy;
    if (wanted === null) return this.#deps.weights;
    if (wanted === "least_busy") return null;
    return typeof wanted === "string" ? objectives[wanted] : normalised(wanted);
  }

  #expected({ peek }: Ask, conversation: string | null, nowMs: number): Expected {
    const inputTokens = peek === null ? 1_000 : Math.max(1, peek.textLength / charactersPerToken);
    const held = this.affinity.of(conversation, nowMs);
    return {
      inputTokens,
      maxOutputTokens: peek?.maxOutputTokens ?? null,
      nowMs,
      cachedShare: ({ deployment, statistics }) =>
        held === null || held.deployment !== deploymentId(deployment)
          ? 0
          : Math.min(1, held.inputTokens / inputTokens) * statistics.cacheHits,
    };
  }
}

const nowhere: readonly Step[] = [];

/** Those that their providers have asked to leave alone come last, the first to be ready first. */
function readyFirst(steps: readonly Step[], nowMs: number): readonly Step[] {
  if (steps.every(({ readyAtMs }) => readyAtMs <= nowMs)) return steps;
  const waiting = steps.filter(({ readyAtMs }) => readyAtMs > nowMs).sort((a, b) => a.readyAtMs - b.readyAtMs);
  return [...steps.filter(({ readyAtMs }) => readyAtMs <= nowMs), ...waiting];
}

/** What the caller named first, with every credential there is for it; or all that it gave an order for. */
function withoutFallbacks(steps: readonly Step[], first: Step): readonly Step[] {
  const { connection, model } = first.deployment;
  return steps.filter(
    ({ reason, deployment }) =>
      reason === "caller_order" ||
      (deployment.connection.provider === connection.provider && deployment.model === model),
  );
}

/** A model may be named twice, by itself and by an alias. */
function withoutRepeats(steps: readonly Step[]): readonly Step[] {
  const seen = new Set<Candidate>();
  return steps.filter(({ candidate }) => !seen.has(candidate) && seen.add(candidate));
}
