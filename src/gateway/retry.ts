// Retrying: which deployment a call goes to next, and after which wait. Pure: the run keeps the state and does the waiting.
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { roomAtMs } from "../router/filters.ts";
import type { Step } from "../router/plan.ts";
import { mayTryAgain, type Onward, onwardFrom } from "./failover.ts";

export interface RetryLimits {
  /** Attempts of one call, all deployments together. */
  readonly maxAttempts: number;
  /** The longest wait between two attempts; a provider that asks for more is not waited for. With 0 none is tried twice. */
  readonly maxRetryWaitMs: number;
  /** After this long no further attempt begins. */
  readonly retryWindowMs: number;
}

/** An attempt that failed. */
export interface Tried {
  readonly step: Step;
  readonly failure: ProviderFailure;
}

export interface RetryState {
  readonly steps: readonly Step[];
  readonly tried: readonly Tried[];
  /** Steps that could not be asked at all: what the call says does not fit them. */
  readonly unfit: ReadonlySet<Step>;
  /** Attempts so far, those under way included. */
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly nowMs: number;
  random(): number;
}

/** Why a deployment is asked next; the first one for the plan's own reason. */
export type NextReason = "planned" | "failover" | "retry";

export interface Next {
  readonly step: Step;
  readonly afterMs: number;
  readonly reason: NextReason;
}

/** Full jitter: up to so long before the first retry, up to twice as long before each further one. */
const firstBackoffMs = 250;

/** Where the call goes next; null when nothing is left that may succeed. */
export function next(state: RetryState, limits: RetryLimits): Next | null {
  const { tried, attempts, elapsedMs } = state;
  if (attempts >= limits.maxAttempts || (attempts > 0 && elapsedMs > limits.retryWindowMs)) return null;
  const last = tried.at(-1);
  const onward = last === undefined ? "elsewhere" : onwardFrom(last.failure);
  if (onward === "stop") return null;
  return fresh(state, limits, onward) ?? again(state, limits);
}

/** The next deployment that was not tried yet. */
function fresh({ steps, tried, unfit, attempts, nowMs }: RetryState, limits: RetryLimits, onward: Onward): Next | null {
  const last = tried.at(-1);
  const left = steps.filter(
    (step) =>
      !unfit.has(step) &&
      tried.every((one) => one.step !== step) &&
      tried.every((one) => !excludes(one, step)) &&
      (last === undefined || mayFollow(last.step, step, onward)) &&
      step.candidate.statistics.breaker.state(nowMs) !== "open" &&
      roomAtMs(step.deployment, nowMs) <= nowMs,
  );
  const elsewhere = left.filter(({ deployment }) => !sameProvider(deployment, last?.step.deployment));
  const fit = onward === "other_provider" && elsewhere.length > 0 ? elsewhere : left;
  const step = attempts > 0 && attempts + 1 === limits.maxAttempts ? surest(fit, nowMs) : fit[0];
  if (step === undefined) return null;
  const afterMs = Math.max(0, step.candidate.statistics.headroom.pausedUntilMs - nowMs);
  if (afterMs > limits.maxRetryWaitMs) return null;
  return { step, afterMs, reason: last === undefined ? "planned" : "failover" };
}

/** The last attempt goes where failures are fewest, among the deployments of the model whose turn it is. */
function surest(steps: readonly Step[], nowMs: number): Step | undefined {
  const [first] = steps;
  if (first === undefined || first.reason === "caller_order") return first;
  const failing = ({ candidate: { statistics } }: Step): number => statistics.failureShare(nowMs);
  return steps
    .filter((step) => modelOf(step) === modelOf(first))
    .reduce((best, step) => (failing(step) < failing(best) ? step : best), first);
}

function modelOf({ deployment: { facts, model } }: Step): string {
  return facts?.canonical ?? model;
}

/** Credentials that were refused are not tried with another model of the same provider. */
function excludes({ step: failed, failure }: Tried, step: Step): boolean {
  return onwardFrom(failure) === "other_credential" && failed.deployment.connection === step.deployment.connection;
}

function mayFollow(failed: Step, step: Step, onward: Onward): boolean {
  if (onward === "larger_context") {
    const [before, now] = [failed.deployment.facts?.contextWindow, step.deployment.facts?.contextWindow];
    return before !== undefined && now !== undefined && now > before;
  }
  return onward !== "other_model" || modelOf(step) !== modelOf(failed);
}

function sameProvider(one: Step["deployment"], other: Step["deployment"] | undefined): boolean {
  return (
    one.connection.provider.id === other?.connection.provider.id && one.connection.baseUrl === other.connection.baseUrl
  );
}

/** The deployment that failed in a way that may pass, after a wait that grows. */
function again({ tried, nowMs, random }: RetryState, limits: RetryLimits): Next | null {
  if (limits.maxRetryWaitMs === 0) return null;
  const waits = tried
    .filter(({ step, failure }, at) => mayTryAgain(failure) && tried.findLastIndex((one) => one.step === step) === at)
    .map(({ step }) => ({
      step,
      readyInMs: Math.max(0, step.candidate.statistics.headroom.pausedUntilMs - nowMs),
      open: step.candidate.statistics.breaker.state(nowMs) === "open",
    }))
    .filter(({ open }) => !open);
  const [soonest] = waits.toSorted((a, b) => a.readyInMs - b.readyInMs);
  if (soonest === undefined) return null;
  const backoffMs = random() * Math.min(limits.maxRetryWaitMs, firstBackoffMs * 2 ** (tried.length - 1));
  // Everyone who was refused together is told the same time: the jitter comes on top of it.
  const afterMs = soonest.readyInMs + backoffMs;
  if (soonest.readyInMs > limits.maxRetryWaitMs) return null;
  return { step: soonest.step, afterMs, reason: "retry" };
}
