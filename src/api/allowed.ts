// What a key may use, of what there is: for lists, which show nothing that would be refused.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { deploymentRefused } from "../limits/check.ts";
import { matchesAny } from "../limits/pattern.ts";
import type { Scope } from "../limits/policy.ts";
import type { Pools } from "../vault/pools.ts";

export interface Allowed {
  /** @param requested the name that a call would write. */
  row(requested: string, row: ModelFacts): boolean;
  /** @param name `provider/model`, of which the catalogue knows nothing. */
  outside(requested: string, name: string, provider: string): boolean;
  endpoint(name: string): boolean;
}

/** The pools of the providers that do with prompts only what these policies let be done. */
export function keepingTo(scopes: readonly Scope[], pools: Pools): Pools {
  const noCollection = scopes.some(({ policy }) => policy.denyDataCollection);
  const noRetention = scopes.some(({ policy }) => policy.zeroDataRetention);
  if (!noCollection && !noRetention) return pools;
  const kept = [...pools].filter(([, [connection]]) => {
    const { collects, retains } = connection?.provider.dataPolicy ?? { collects: null, retains: null };
    return (!noCollection || collects === false) && (!noRetention || retains === false);
  });
  return new Map(kept);
}

/** By the models, providers and endpoints of its policies; addresses and hours come and go, and are not asked. */
export function allowedTo(scopes: readonly Scope[]): Allowed {
  return {
    row: (requested, { canonical, provider, providerModelId: model }) =>
      deploymentRefused(scopes, { requested, canonical, provider, model }) === null,
    outside: (requested, name, provider) => {
      const model = name.slice(name.indexOf("/") + 1);
      return deploymentRefused(scopes, { requested, canonical: null, provider, model }) === null;
    },
    endpoint: (name) =>
      scopes.every(({ policy: { endpoints } }) => {
        const listed = endpoints.allow === null || matchesAny(endpoints.allow, name);
        return listed && !matchesAny(endpoints.deny, name);
      }),
  };
}
