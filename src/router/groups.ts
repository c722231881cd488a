// Groups: what a name stands for as sets of candidates, each set to be tried before the next. Here aliases are followed.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { GatewayError } from "../errors.ts";
import { poolOf, poolsOf } from "../vault/pools.ts";
import { shareOf, stickinessOf } from "./affinity.ts";
import type { AliasRoute, AliasTarget, Strategy } from "./alias.ts";
import type { Ask, Preferences } from "./ask.ts";
import { autoModels, isAuto } from "./auto.ts";
import type { Candidate, Named } from "./candidates.ts";
import { refusedProvider } from "./filters.ts";
import type { Serving } from "./plan.ts";
import { routeOf } from "./rules.ts";
import { suffixes } from "./suffixes.ts";

/** Candidates that compete with each other. */
export interface Group {
  /** As the caller or the alias wrote it. */
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly pinned: boolean;
  /** How they compete; null where the name does not say. */
  readonly strategy: Exclude<Strategy, "ordered" | "weighted"> | null;
  /** The caller's, and those of the aliases on the way. */
  readonly preferences: Preferences;
  share(candidate: Candidate): number;
}

export interface Naming {
  readonly serving: Serving;
  find(name: string): Named | GatewayError;
  random(): number;
}

/** A credential's own weight. */
const weighed = ({ deployment }: Candidate): number => deployment.connection.terms?.weight ?? 1;

/** The groups of a name, in order; else why it has none. */
export function groupsOf(name: string, ask: Ask, naming: Naming): readonly Group[] | GatewayError {
  return expand(name, ask, { requested: name, naming, preferences: ask.preferences, strategy: null });
}

const strategies = Object.entries(suffixes);

interface Way {
  /** As the caller wrote it. */
  readonly requested: string;
  readonly naming: Naming;
  readonly preferences: Preferences;
  readonly strategy: Group["strategy"];
}

function expand(name: string, ask: Ask, way: Way): readonly Group[] | GatewayError {
  const alias = way.naming.serving.aliases.get(name);
  if (alias !== undefined) return throughAlias(name, routeOf(alias, ask), ask, way);
  if (isAuto(name)) return throughAuto(name, ask, way);
  for (const [suffix, strategy] of strategies) {
    if (name.endsWith(suffix)) return expand(name.slice(0, -suffix.length), ask, { ...way, strategy });
  }
  const named = way.naming.find(name);
  if (named instanceof GatewayError) return named;
  const { candidates, pinned } = named;
  return [{ name, candidates, pinned, strategy: way.strategy, preferences: way.preferences, share: weighed }];
}

function throughAlias(name: string, route: AliasRoute, ask: Ask, way: Way): readonly Group[] | GatewayError {
  const inner: Way = { ...way, preferences: narrowed(way.preferences, route.preferences) };
  const targets = inOrder(route, ask, way.naming);
  const competing = route.strategy !== "ordered" && route.strategy !== "weighted" ? route.strategy : null;
  const own =
    competing === null
      ? each(
          targets.map(({ model }) => model),
          ask,
          inner,
        )
      : together(name, targets, ask, { ...inner, strategy: way.strategy ?? competing });
  const fallbacks = each(route.fallbacks, ask, inner);
  if (own instanceof GatewayError) return fallbacks instanceof GatewayError || fallbacks.length === 0 ? own : fallbacks;
  return fallbacks instanceof GatewayError ? own : [...own, ...fallbacks];
}

/** Each name's groups, one after the other; an error only when none of them has any. */
function each(names: readonly string[], ask: Ask, way: Way): readonly Group[] | GatewayError {
  const groups: Group[] = [];
  let refusal: GatewayError | null = null;
  for (const name of names) {
    const found = expand(name, ask, way);
    if (found instanceof GatewayError) refusal ??= found;
    else groups.push(...found);
  }
  return groups.length === 0 && refusal !== null ? refusal : groups;
}

/** All targets as one group, in which a target's weight is the share of each of its candidates. */
function together(name: string, targets: readonly AliasTarget[], ask: Ask, way: Way): readonly Group[] | GatewayError {
  const shares = new Map<Candidate, number>();
  let refusal: GatewayError | null = null;
  let pinned = true;
  for (const { model, weight } of targets) {
    const found = expand(model, ask, way);
    if (found instanceof GatewayError) {
      refusal ??= found;
      continue;
    }
    for (const group of found) {
      pinned &&= group.pinned;
      for (const candidate of group.candidates) shares.set(candidate, weight * group.share(candidate));
    }
  }
  if (shares.size === 0 && refusal !== null) return refusal;
  const share = (candidate: Candidate): number => shares.get(candidate) ?? 1;
  const candidates = [...shares.keys()];
  return [{ name, candidates, pinned, strategy: way.strategy, preferences: way.preferences, share }];
}

/** The targets, the one that is to be tried first at their head. */
function inOrder({ targets, strategy, sticky }: AliasRoute, ask: Ask, { random }: Naming): readonly AliasTarget[] {
  if (strategy !== "weighted" || targets.length < 2) return targets;
  const at = sticky === null ? random() : shareOf(stickinessOf(ask, sticky));
  const chosen = atShare(targets, at * targets.reduce((total, { weight }) => total + weight, 0));
  return [chosen, ...targets.filter((target) => target !== chosen).toSorted((a, b) => b.weight - a.weight)];
}

/** The target in whose stretch of the summed weights `at` lies. */
function atShare(targets: readonly AliasTarget[], at: number): AliasTarget {
  let left = at;
  for (const target of targets) {
    if (left < target.weight) return target;
    left -= target.weight;
  }
  return targets[targets.length - 1] as AliasTarget;
}

function throughAuto(name: string, ask: Ask, way: Way): readonly Group[] | GatewayError {
  const { catalog, connections } = way.naming.serving;
  const pools = poolsOf(connections, ask.caller.customer);
  const available = (facts: ModelFacts): boolean => {
    const [connection] = poolOf(facts, pools);
    if (connection === undefined || refusedProvider(connection.provider, way.preferences) !== null) return false;
    const deployment = { connection, model: facts.providerModelId, facts, traits: {} };
    return (ask.refuses?.(way.requested, deployment) ?? null) === null;
  };
  const models = autoModels(name, { catalog, ask, available });
  if (models.length > 0) return each(models, ask, way);
  return new GatewayError(
    "no_deployment_available",
    `\`${name}\` finds no model here that can do what this request asks for. Name a model.`,
    { param: "model", status: 404 },
  );
}

/** Both must agree: what either forbids is forbidden. */
function narrowed(own: Preferences, more: AliasRoute["preferences"]): Preferences {
  if (more === null) return own;
  const both = (a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null =>
    a === null ? b : b === null ? a : a.filter((one) => b.includes(one));
  const lower = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined ? b : b === undefined ? a : Math.min(a, b);
  const maxPrice = (["prompt", "completion", "request", "image"] as const).flatMap((unit) => {
    const limit = lower(own.maxPrice?.[unit], more.maxPrice?.[unit]);
    return limit === undefined ? [] : [[unit, limit] as const];
  });
  return {
    ...own,
    only: both(own.only, more.only),
    ignore: [...own.ignore, ...more.ignore],
    quantizations: both(own.quantizations, more.quantizations),
    denyDataCollection: own.denyDataCollection || more.denyDataCollection,
    zeroDataRetention: own.zeroDataRetention || more.zeroDataRetention,
    maxPrice: maxPrice.length === 0 ? null : Object.fromEntries(maxPrice),
  };
}
