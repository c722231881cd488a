// An update of the catalogue: what a fresh source changes in it, and the catalogue that comes of it.
import type { ModelFacts } from "./facts.ts";
import type { ModelsDev } from "./models-dev.ts";

/** One fact that differs: `prices.input`, `contextWindow`, … Null is unknown. */
export interface FactChange {
  readonly fact: string;
  readonly from: string | null;
  readonly to: string | null;
}

export interface CatalogUpdate {
  /** The catalogue after it. */
  readonly rows: readonly ModelFacts[];
  readonly added: readonly ModelFacts[];
  readonly removed: readonly ModelFacts[];
  readonly changed: readonly { readonly id: string; readonly changes: readonly FactChange[] }[];
  /** Providers of the source that the catalogue has no row of. */
  readonly skipped: readonly string[];
}

/**
 * Merges a source into the catalogue. What the source says of a model wins; what it does not say (canonical id, mode,
 * variants, some capabilities, unit prices) stays. Rows that another source publishes stay, and so do rows of providers
 * that this source does not list. A row of its own that it lists no longer goes.
 */
export function updateCatalog(current: readonly ModelFacts[], source: ModelsDev): CatalogUpdate {
  const known = new Map(current.map((row) => [row.id, row]));
  const providers = new Set(current.map((row) => row.provider));
  const listed = new Map(
    [...source.providers.values()]
      .flat()
      .filter((row) => providers.has(row.provider))
      .map((row) => [row.id, row]),
  );
  const unread = new Set(source.unreadable.map((entry) => entry.slice(0, entry.indexOf(": "))));
  const removed = current.filter(
    (row) => row.from === undefined && source.providers.has(row.provider) && !listed.has(row.id) && !unread.has(row.id),
  );
  const gone = new Set(removed.map((row) => row.id));
  const kept = current.filter((row) => !gone.has(row.id));
  const unknown = [...listed.values()].filter((row) => !known.has(row.id));
  const canonicalOf = canonicalNames(current, unknown);
  const added = unknown.map((row) => ({ ...row, canonical: canonicalOf(row) }));
  const changed: { id: string; changes: readonly FactChange[] }[] = [];
  const merged = kept.map((old) => {
    const fresh = listed.get(old.id);
    if (fresh === undefined) return old;
    const row = merge(old, fresh);
    const changes = differences(old, row);
    if (changes.length > 0) changed.push({ id: row.id, changes });
    return row;
  });
  return {
    rows: [...merged, ...added],
    added,
    removed,
    changed,
    skipped: [...source.providers.keys()].filter((provider) => !providers.has(provider)),
  };
}

function merge({ from: _, ...old }: ModelFacts, fresh: ModelFacts): ModelFacts {
  const wire = { ...old.wire, ...fresh.wire };
  return {
    ...old,
    ...fresh,
    canonical: old.canonical,
    mode: old.mode,
    variant: old.variant,
    capabilities: { ...old.capabilities, ...fresh.capabilities },
    reasoningOptions: fresh.reasoningOptions.length > 0 ? fresh.reasoningOptions : old.reasoningOptions,
    ...(Object.keys(wire).length > 0 && { wire }),
    // Prices come as a whole: an old price of one counter beside a new one of another would be nobody's price.
    prices: fresh.prices ?? old.prices,
    zeroPrice: fresh.prices === null ? old.zeroPrice : fresh.zeroPrice,
    unitPrices: old.unitPrices,
  };
}

/**
 * Names a new row's model: as the only model whose name ends alike (new models of labs count), else by the lab that stands
 * in its name, else by its provider.
 */
function canonicalNames(current: readonly ModelFacts[], fresh: readonly ModelFacts[]): (row: ModelFacts) => string {
  const labs = new Set(current.map(({ canonical }) => canonical.slice(0, canonical.indexOf("/"))));
  const byEnd = new Map<string, Set<string>>();
  const learn = (canonical: string) => {
    const end = lastSegment(canonical);
    byEnd.set(end, (byEnd.get(end) ?? new Set()).add(canonical));
  };
  const own = ({ provider, providerModelId }: ModelFacts) => `${provider}/${providerModelId.toLowerCase()}`;
  for (const { canonical } of current) learn(canonical);
  for (const row of fresh) {
    const known = byEnd.has(lastSegment(row.providerModelId));
    if (!known && labs.has(row.provider) && !row.providerModelId.includes("/")) learn(own(row));
  }
  return (row) => {
    const [alike, another] = byEnd.get(lastSegment(row.providerModelId)) ?? [];
    if (alike !== undefined && another === undefined) return alike;
    const [lab = "", model, more] = row.providerModelId.toLowerCase().split("/");
    return labs.has(lab) && model !== undefined && more === undefined ? `${lab}/${model}` : own(row);
  };
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).toLowerCase();
}

function differences(old: ModelFacts, fresh: ModelFacts): FactChange[] {
  const before = flat(old);
  const after = flat(fresh);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((fact) => ({ fact, from: before.get(fact) ?? null, to: after.get(fact) ?? null }))
    .filter(({ from, to }) => from !== to);
}

/** Every fact by its path, as text. Lists of words count as one fact. */
function flat(value: object, path = "", into = new Map<string, string>()): Map<string, string> {
  for (const [name, member] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (Array.isArray(member) && member.every((item) => typeof item === "string")) into.set(at, member.join(","));
    else if (typeof member === "object" && member !== null) flat(member, at, into);
    else if (member !== undefined && member !== null) into.set(at, String(member));
  }
  return into;
}
