// Aliases, and `auto`, as models in a list: a client calls them as it calls any other.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { autoModels, autoNames, isAuto } from "../router/auto.ts";
import { withoutSuffix } from "../router/suffixes.ts";
import { poolOf } from "../vault/pools.ts";
import { endpointsOf, type Listing, type ModelView } from "./model-view.ts";

/** All names that lead somewhere here, the operator's first. */
export function namedModels(listing: Listing): ModelView[] {
  const names = [...listing.aliases.list().map(({ name }) => name), ...autoNames];
  return [...new Set(names)].map((name) => view(name, listing)).filter(({ endpoints }) => endpoints.length > 0);
}

/** Null when the name is none of them, or leads nowhere here. */
export function namedModel(name: string, listing: Listing): ModelView | null {
  if (listing.aliases.get(name) === undefined && !isAuto(name)) return null;
  const found = view(name, listing);
  return found.endpoints.length > 0 ? found : null;
}

/** What depends on the call, because rules and choices do, is unknown. */
function view(name: string, listing: Listing): ModelView {
  const reach: Reach = { requested: name, seen: new Set(), providers: new Set(), endpoints: new Set() };
  follow(name, reach, listing);
  return {
    id: name,
    object: "model",
    created: 0,
    owned_by: "turnpike",
    name,
    context_length: null,
    max_output_tokens: null,
    input_modalities: [],
    output_modalities: [],
    pricing: null,
    providers: [...reach.providers],
    endpoints: [...reach.endpoints],
  };
}

/** Where a name leads to. */
interface Reach {
  /** As a call would write it: policies may name it. */
  readonly requested: string;
  readonly seen: Set<string>;
  readonly providers: Set<string>;
  readonly endpoints: Set<string>;
}

function follow(name: string, reach: Reach, listing: Listing): void {
  if (reach.seen.has(name)) return;
  reach.seen.add(name);
  const links = linksOf(name, listing);
  if (links === null) arrive(name, reach, listing);
  else for (const next of links) follow(next, reach, listing);
}

/** The names that a name leads to, by whichever of its rules; null when it is a model's. */
function linksOf(name: string, { aliases, catalog, pools }: Listing): readonly string[] | null {
  const alias = aliases.get(name);
  if (alias !== undefined) {
    const routes = [alias, ...alias.rules.map(({ route }) => route)];
    return routes.flatMap(({ targets, fallbacks }) => [...targets.map(({ model }) => model), ...fallbacks]);
  }
  if (isAuto(name)) {
    return autoModels(name, { catalog, ask: anyChat, available: (row) => poolOf(row, pools).length > 0 });
  }
  const shorter = withoutSuffix(name);
  return shorter === name ? null : [shorter];
}

const anyChat = { purpose: { fits: ({ mode }: ModelFacts) => mode === "chat" }, peek: null };

/** A model: what its rows can be called for, or what its provider can where the catalogue does not know it. */
function arrive(name: string, { requested, providers, endpoints }: Reach, listing: Listing): void {
  const { allowed } = listing;
  const found = listing.catalog.resolve(name);
  for (const row of found.kind === "model" ? found.deployments : []) {
    if (!allowed.row(requested, row)) continue;
    const served = endpointsOf(row, listing);
    if (served.length > 0) providers.add(row.provider);
    for (const endpoint of served) endpoints.add(endpoint);
  }
  const [pinned] = listing.pools.get(name.slice(0, Math.max(0, name.indexOf("/"))).toLowerCase()) ?? [];
  const provider = pinned?.provider;
  if (found.kind === "model" || provider === undefined || provider.dialect === null) return;
  if (!allowed.endpoint("chat") || !allowed.outside(requested, name, provider.id)) return;
  providers.add(provider.id);
  endpoints.add("chat");
}
