// Pools: the credentials of each provider that a customer's calls may be sent with.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Connection } from "./credentials.ts";

/** By provider id. The same object as long as nothing changes, for all customers who have no key of their own. */
export type Pools = ReadonlyMap<string, readonly Connection[]>;

interface Split {
  readonly shared: Pools;
  /** The pools of those who have keys of their own, made when they are first asked for. */
  readonly own: Map<string, Pools>;
  readonly keys: ReadonlyMap<string, readonly Connection[]>;
}

const known = new WeakMap<ReadonlyMap<string, Connection>, Split>();

/**
 * The pools of a customer: its own keys first, the installation's behind them. Nobody meets another one's key.
 * @param connections a map that nobody changes any more.
 */
export function poolsOf(connections: ReadonlyMap<string, Connection>, customer: string): Pools {
  let split = known.get(connections);
  if (split === undefined) {
    split = splitOf(connections);
    known.set(connections, split);
  }
  const keys = split.keys.get(customer);
  if (keys === undefined) return split.shared;
  let pools = split.own.get(customer);
  if (pools === undefined) {
    pools = merged(Map.groupBy(keys, byProvider), split.shared);
    split.own.set(customer, pools);
  }
  return pools;
}

function splitOf(connections: ReadonlyMap<string, Connection>): Split {
  const all = [...connections.values()];
  const shared = all.filter(({ terms }) => (terms?.customer ?? null) === null);
  const own = all.filter(({ terms }) => (terms?.customer ?? null) !== null);
  return {
    shared: Map.groupBy(shared, byProvider),
    own: new Map(),
    keys: Map.groupBy(own, ({ terms }) => terms?.customer ?? ""),
  };
}

function merged(own: Pools, shared: Pools): Pools {
  const pools = new Map(shared);
  for (const [provider, keys] of own) pools.set(provider, [...keys, ...(shared.get(provider) ?? [])]);
  return pools;
}

/**
 * Those of a pool that may be used for a model. A customer's own key that forbids a fallback leaves the installation's out.
 * @param names the model's names, by any of which a credential's patterns may mean it.
 */
export function usableFor(pool: readonly Connection[], names: readonly string[]): readonly Connection[] {
  const serving = pool.filter(({ terms }) => terms === undefined || terms.serves(names));
  const alone = serving.some(({ terms }) => terms !== undefined && terms.customer !== null && !terms.fallback);
  return alone ? serving.filter(isOwn) : serving;
}

/** Those that may be used for a row of the catalogue. */
export function poolOf({ provider, providerModelId, canonical }: ModelFacts, pools: Pools): readonly Connection[] {
  return usableFor(pools.get(provider) ?? [], [providerModelId, `${provider}/${providerModelId}`, canonical]);
}

/** Whether it is a customer's own key. */
export function isOwn({ terms }: Connection): boolean {
  return terms !== undefined && terms.customer !== null;
}

function byProvider({ provider }: Connection): string {
  return provider.id;
}
