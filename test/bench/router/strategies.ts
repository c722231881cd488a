// The strategies that are compared: Turnpike's own router, what others do, and an oracle that knows the world.
import { createCatalog } from "../../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../../providers/catalog/facts.ts";
import { bearer, defineProvider } from "../../../providers/define.ts";
import { compatibleChat } from "../../../providers/dialects/openai-chat/index.ts";
import { GatewayError } from "../../../src/errors.ts";
import { failed } from "../../../src/gateway/readers.ts";
import { next, type Tried } from "../../../src/gateway/retry.ts";
import { noAliases } from "../../../src/router/alias.ts";
import { type Ask, noPreferences } from "../../../src/router/ask.ts";
import type { Plan, Step } from "../../../src/router/plan.ts";
import { Router } from "../../../src/router/router.ts";
import type { Underway } from "../../../src/router/statistics.ts";
import type { Outcome, Routed, Strategy, WorldView } from "./simulate.ts";
import { costNanos, type Draw, type Site, seeded, sites } from "./world.ts";

export const attemptsPerCall = 3;
/** What a gateway waits for a first token that knows no better. */
const plainPatienceMs = 60_000;
const limits = { maxAttempts: attemptsPerCall, maxRetryWaitMs: 2_000, retryWindowMs: 360_000 };
const model = "lab/model";

/** A strategy that only ranks: whoever fails is followed by the next in the ranking. */
function ranking(
  name: string,
  rank: (view: WorldView, draw: Draw, nowMs: number) => readonly Site[],
  told: { end?(site: Site, outcome: Outcome, ttftMs: number): void } = {},
): (view: WorldView) => Strategy {
  return (view) => ({
    name,
    patienceMs: () => plainPatienceMs,
    route: (draw, atMs) => {
      const left = [...rank(view, draw, atMs)].slice(0, attemptsPerCall);
      return {
        next: () => {
          const site = left.shift();
          return site === undefined ? null : { site, afterMs: 0 };
        },
        probing: false,
        begin: () => {},
        content: () => {},
        end: (site, outcome, { ttftMs }) => told.end?.(site, outcome, ttftMs),
      };
    },
  });
}

export function roundRobin(): (view: WorldView) => Strategy {
  let turn = 0;
  return ranking("round robin", () => {
    turn += 1;
    return sites.map((_, at) => sites[(turn + at) % sites.length] as Site);
  });
}

export function randomly(seed: number): (view: WorldView) => Strategy {
  const random = seeded(seed);
  return ranking("random", () =>
    sites
      .map((site) => ({ site, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ site }) => site),
  );
}

export const cheapest = ranking("static cheapest", (_view, draw) =>
  [...sites].sort((a, b) => costNanos(a, draw) - costNanos(b, draw)),
);

/** The mean of each site's last ten times to the first token, with a time-out for what failed; the unmeasured first. */
export function lowestLatency(): (view: WorldView) => Strategy {
  const last = new Map<string, number[]>();
  const mean = ({ id }: Site): number => {
    const seen = last.get(id) ?? [];
    return seen.length === 0 ? 0 : seen.reduce((sum, one) => sum + one, 0) / seen.length;
  };
  return ranking("lowest recent latency", () => [...sites].sort((a, b) => mean(a) - mean(b)), {
    end: ({ id }, outcome, ttftMs) =>
      last.set(id, [...(last.get(id) ?? []), outcome.kind === "ok" ? ttftMs : plainPatienceMs].slice(-10)),
  });
}

/** Knows every site's true state, load and limit at each moment, and takes the best by expected cost times expected time. */
export const oracle = ranking("oracle", (view, draw, nowMs) => {
  const value = (site: Site): number => {
    const truth = site.truth(nowMs);
    if (truth.hangs || truth.errors === 1 || view.allowed(site, nowMs) <= 0) return Infinity;
    const crowding = site.capacity === null ? 1 : Math.max(1, (view.inFlight(site) + 1) / site.capacity);
    const timeMs = crowding * (truth.ttftMs + (1_000 * draw.outputTokens) / truth.tokensPerSecond);
    return (costNanos(site, draw) * timeMs) / (1 - truth.errors) ** 2;
  };
  return [...sites].sort((a, b) => value(a) - value(b));
});

/** Turnpike's router and its retry policy, as the gateway runs them, on a clock that the simulation moves. */
export function turnpike(seed: number): (view: WorldView) => Strategy {
  const random = seeded(seed);
  const clock = { nowMs: 0 };
  const router = new Router({
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    random,
  });
  const serving = { ...servingOf(), aliases: noAliases };
  const bySite = new Map(sites.map((site) => [site.id, site]));
  const steps = new Map<string, Step>();
  let calls = 0;
  /** Null when every breaker is open: the call is then refused without asking anybody. */
  const planned = (draw: Draw): Plan | null => {
    try {
      return router.plan(asking(draw, ++calls), serving);
    } catch (error) {
      if (error instanceof GatewayError && error.code === "no_deployment_available") return null;
      throw error;
    }
  };
  return () => ({
    name: "Turnpike balanced",
    patienceMs: (site, nowMs) => {
      clock.nowMs = nowMs;
      const step = steps.get(site.id);
      return (step === undefined ? null : router.patienceMs(step)) ?? plainPatienceMs;
    },
    route: (draw, atMs): Routed | null => {
      clock.nowMs = atMs;
      const plan = planned(draw);
      if (plan === null) return null;
      const tried: Tried[] = [];
      const attempt = { count: 0, step: null as Step | null, underway: null as Underway | null };
      return {
        next: (nowMs) => {
          clock.nowMs = nowMs;
          const state = {
            tried,
            unfit: new Set<Step>(),
            attempts: attempt.count,
            elapsedMs: nowMs - atMs,
            nowMs,
            random,
          };
          const then = next({ steps: plan.steps, ...state }, limits);
          if (then === null) return null;
          attempt.step = then.step;
          steps.set(then.step.deployment.connection.id, then.step);
          return { site: bySite.get(then.step.deployment.connection.id) as Site, afterMs: then.afterMs };
        },
        get probing() {
          return attempt.step?.reason === "probes";
        },
        begin: (_site, nowMs) => {
          clock.nowMs = nowMs;
          attempt.count += 1;
          attempt.underway = router.begin(attempt.step as Step, true);
        },
        content: (_site, nowMs) => {
          clock.nowMs = nowMs;
          router.content(attempt.step as Step, attempt.underway as Underway);
        },
        end: (_site, outcome, { ttftMs, durationMs, inputTokens, outputTokens }, nowMs) => {
          clock.nowMs = nowMs;
          const [step, underway] = [attempt.step as Step, attempt.underway as Underway];
          if (outcome.kind === "ok") {
            router.succeeded(step, underway, { ttftMs, durationMs }, { inputTokens, outputTokens }, plan);
            return;
          }
          const kind = outcome.kind === "error" ? "server" : outcome.kind;
          const failure = { ...failed(kind, "simulated"), retryAfterMs: outcome.retryAfterMs };
          tried.push({ step, failure });
          router.failed(step, underway, failure);
        },
      };
    },
  });
}

function servingOf() {
  const providers = sites.map(({ id }) =>
    defineProvider({
      id,
      name: id,
      dialect: compatibleChat({}),
      baseUrl: `https://${id}.example/v1`,
      auth: bearer("NONE"),
    }),
  );
  const connections = new Map(
    providers.map((provider) => [provider.id, { id: provider.id, provider, secret: null, baseUrl: provider.baseUrl }]),
  );
  return { catalog: createCatalog(sites.map(factsOf)), connections };
}

function factsOf({ id, input, output }: Site): ModelFacts {
  return {
    id: `${id}/model`,
    canonical: model,
    provider: id,
    providerModelId: "model",
    variant: [],
    name: "Model",
    mode: "chat",
    inputModalities: ["text"],
    outputModalities: ["text"],
    capabilities: {},
    reasoningOptions: [],
    prices: { input, output, tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
  };
}

function asking({ inputTokens }: Draw, call: number): Ask {
  return {
    models: [model],
    purpose: { fits: () => true, noun: "a chat model", servedBy: () => true },
    operation: "chat",
    preferences: noPreferences,
    stream: true,
    refuses: null,
    peek: {
      textLength: 4 * inputTokens,
      maxOutputTokens: null,
      ...{
        tools: false,
        jsonSchema: false,
        images: false,
        documents: false,
        audio: false,
        video: false,
        reasoning: false,
      },
      session: null,
      user: null,
      metadata: {},
      opening: () => `call ${call}`,
    },
    caller: { keyId: "key", customer: "customer", project: "project", metadata: {} },
  };
}
