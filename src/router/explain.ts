// Explaining: a plan as plain JSON, for operators: who would be tried, in which order, and why. No secret and no prompt is in it.
import { formatUsd } from "../usage/price.ts";
import { type Deployment, deploymentId } from "./deployment.ts";
import { type Filter, type Removed, roomAtMs } from "./filters.ts";
import type { Measures } from "./measures.ts";
import type { Reason } from "./order.ts";
import type { Plan, Step } from "./plan.ts";

/** Which deployment, in the words of every explanation. */
export interface ExplainedDeployment {
  readonly provider: string;
  readonly model: string;
  readonly canonical_model: string | null;
  /** The connection's id: the provider's, with `#2`, `#3`, … behind it for further credentials of its pool. */
  readonly credential: string;
}

export interface ExplainedStep extends ExplainedDeployment {
  /** What the caller or an alias called it. */
  readonly name: string;
  readonly reason: Reason;
  /** How many times worse than the best of its name it is expected to be; 1 for the best, 1,000,000 at most. */
  readonly score: number;
  /** Expected for this call, an exact decimal; null when the price is unknown. */
  readonly cost_usd: string | null;
  readonly ttft_ms: number;
  readonly tokens_per_second: number;
  readonly time_ms: number;
  readonly failure_share: number;
  readonly headroom: number;
  readonly cached_share: number;
  readonly measurements: number;
  /** When it may be asked; null for at once. */
  readonly ready_at: string | null;
}

export interface ExplainedRemoval extends ExplainedDeployment {
  readonly filter: Filter;
  readonly why: string;
  /** When it may come into question again, where that is known. */
  readonly ready_at: string | null;
}

export interface ExplainedPlan {
  readonly steps: readonly ExplainedStep[];
  readonly removed: readonly ExplainedRemoval[];
}

/** Beyond this, how much worse something is says nothing any more (it misses what the caller asked for, say). */
const worst = 1_000_000;

/** A plan, explained as of now. */
export function explainPlan(plan: Plan, measures: Measures, nowMs: number): ExplainedPlan {
  const best = new Map<string, number>();
  for (const { name, score } of plan.steps) {
    best.set(name, Math.min(score.value, best.get(name) ?? Number.POSITIVE_INFINITY));
  }
  const removed = new Map(plan.removed.map((one) => [`${one.filter} ${deploymentId(one.deployment)}`, one]));
  return {
    steps: plan.steps.map((step) => explainStep(step, best.get(step.name) ?? step.score.value, nowMs)),
    removed: [...removed.values()].map((one) => explainRemoval(one, measures, nowMs)),
  };
}

function explainStep({ name, deployment, score, reason, readyAtMs }: Step, best: number, nowMs: number): ExplainedStep {
  return {
    ...named(deployment),
    name,
    reason,
    score: Math.min(worst, digits(Math.exp(score.value - best))),
    cost_usd: score.costNanos === null ? null : formatUsd(BigInt(Math.round(score.costNanos))),
    ttft_ms: digits(score.ttftMs),
    tokens_per_second: digits(1000 / score.msPerToken),
    time_ms: digits(score.timeMs),
    failure_share: digits(score.failureShare),
    headroom: digits(score.headroom),
    cached_share: digits(score.cachedShare),
    measurements: Math.round(score.measurements),
    ready_at: later(readyAtMs, nowMs),
  };
}

function explainRemoval({ deployment, filter }: Removed, measures: Measures, nowMs: number): ExplainedRemoval {
  const until = {
    credential: () => measures.ofCredential(deployment.connection).pausedUntilMs,
    credential_limit: () => roomAtMs(deployment, nowMs),
    breaker: () => measures.ofDeployment(deployment).breaker.openUntilMs ?? 0,
  };
  const untilMs = filter in until ? until[filter as keyof typeof until]() : 0;
  return { ...named(deployment), filter, why: why[filter], ready_at: later(untilMs, nowMs) };
}

function named({ connection, model, facts }: Deployment): ExplainedDeployment {
  return {
    provider: connection.provider.id,
    model,
    canonical_model: facts?.canonical ?? null,
    credential: connection.id,
  };
}

const why: Readonly<Record<Filter, string>> = {
  model_policy: "A policy of the key, its project or its customer does not allow this model.",
  provider_policy: "A policy of the key, its project or its customer does not allow this provider.",
  provider: "The caller's `provider.only` or `provider.ignore`, or the alias's, leaves this provider out.",
  data_policy: "It is not known to do with prompts what `data_collection`, `zdr` or a policy ask for.",
  quantization: "Its quantization is none of those asked for, or nobody says what it is.",
  max_price: "It costs more than `max_price`, or nobody says what it costs.",
  tools: "The request has tools, which the model does not take here.",
  json_schema: "The request asks for an answer by a JSON schema, which the model does not give here.",
  images: "The request has pictures, which the model does not take here.",
  documents: "The request has documents, which the model does not take here.",
  audio: "The request has sound, which the model does not take here.",
  video: "The request has video, which the model does not take here.",
  reasoning: "The request asks for reasoning, which the model does not do here.",
  context: "The prompt and the longest answer asked for do not fit its context.",
  secret: "The secret of this credential can't be read from where it is kept, and is waited for.",
  credential: "The provider has refused this credential, which is left alone for a while.",
  credential_limit: "The limits of this credential are reached.",
  breaker: "It has failed too often lately, and is left alone for a while.",
};

function later(atMs: number, nowMs: number): string | null {
  return atMs > nowMs ? new Date(atMs).toISOString() : null;
}

/** Three significant digits: more would only look exact. */
function digits(value: number): number {
  return Number(value.toPrecision(3));
}

/** Node's server takes 16 kB of headers in all; proxies take less. */
const longestHeader = 4_096;

/**
 * The same for a header: compact ASCII JSON of 4 kB at most. What does not fit is left out from the end (the removed ones
 * first, then the last steps) and counted in `omitted`.
 */
export function planHeader({ steps, removed }: ExplainedPlan): string {
  let room = longestHeader - '{"steps":[],"removed":[],"omitted":99999}'.length;
  const fitting = (items: readonly object[]): readonly string[] => {
    const texts: string[] = [];
    for (const item of items) {
      const text = ascii(JSON.stringify(item));
      room -= text.length + 1;
      if (room < 0) break;
      texts.push(text);
    }
    return texts;
  };
  const [first, then] = [fitting(steps), fitting(removed.map(({ why: _, ...brief }) => brief))];
  const omitted = steps.length + removed.length - first.length - then.length;
  const tail = omitted === 0 ? "" : `,"omitted":${omitted}`;
  return `{"steps":[${first.join(",")}],"removed":[${then.join(",")}]${tail}}`;
}

/** Names of models are the callers' to choose. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
