// The catalogue: finds the rows that a model name means.
import type { ModelFacts } from "./facts.ts";
import { closest } from "./suggest.ts";

/** What a name means. */
export type Resolution =
  /** One model, served by one or more providers. */
  | {
      readonly kind: "model";
      readonly canonical: string;
      /** The provider that the name pins the call to; null when every row may serve it. */
      readonly pinned: string | null;
      /** Never empty. The rows that are spelled like the name come first, then its lab's own, then the others. */
      readonly deployments: readonly ModelFacts[];
    }
  /** A bare name that several models share: their canonical ids, for the error message. */
  | { readonly kind: "ambiguous"; readonly candidates: readonly string[] }
  | { readonly kind: "unknown" };

export interface Catalog {
  /**
   * Finds a model by its canonical id (`openai/gpt-5-mini`), a provider's own id (`groq/llama-3.3-70b-versatile`, which
   * pins the provider), a provider and any name of the model (`azure/gpt-5-mini`), or bare (`gpt-5-mini`) where that is
   * unambiguous. A canonical id wins over a provider's id of the same spelling. Exact spelling first, then any case.
   * A row that takes options is found by `name?option=value`, and its `providerModelId` then carries the options.
   */
  resolve(name: string): Resolution;
  /** The row of `provider/providerModelId`, exactly. */
  get(id: string): ModelFacts | null;
  list(): readonly ModelFacts[];
  /** All canonical ids with their rows, in order of first appearance. */
  models(): ReadonlyMap<string, readonly ModelFacts[]>;
  /** Up to three canonical ids that look like a name that was not found. */
  suggest(name: string): string[];
}

/** No id of a model comes near this length; a longer name is not looked up at all. */
const longestName = 200;

/** Indexes rows by every name they answer to. Look-ups take the same time however many rows there are. */
export function createCatalog(rows: readonly ModelFacts[]): Catalog {
  const index = buildIndex(rows);
  let anyCase: Map<string, string> | null = null;

  const exact = (name: string): Resolution => {
    const ofModel = index.byCanonical.get(name);
    if (ofModel) return model(name, ofModel, { spelled: name, pinned: null });
    const row = index.byId.get(name);
    if (row) return model(row.canonical, [row], { spelled: name, pinned: row.provider });
    const pinned = pinnedModel(index, name);
    if (pinned) return pinned;
    return bare(index, name);
  };

  const find = (name: string): Resolution => {
    const found = exact(name);
    if (found.kind !== "unknown") return found;
    anyCase ??= namesInLowerCase(index);
    const spelled = anyCase.get(name.toLowerCase());
    return spelled === undefined || spelled === name ? found : exact(spelled);
  };

  return {
    resolve: (name) => {
      if (name.length > longestName) return { kind: "unknown" };
      const at = name.indexOf("?");
      return at < 0 ? find(name) : withOptions(find(name.slice(0, at)), name.slice(at));
    },
    get: (id) => index.byId.get(id) ?? null,
    list: () => rows,
    models: () => index.byCanonical,
    suggest: (name) => closest(name.slice(0, longestName), index.byCanonical.keys()),
  };
}

interface Index {
  readonly byId: ReadonlyMap<string, ModelFacts>;
  readonly byCanonical: ReadonlyMap<string, readonly ModelFacts[]>;
  /** Canonical ids by their last path segment. */
  readonly bySegment: ReadonlyMap<string, ReadonlySet<string>>;
  /** Canonical ids by a provider's name of the model. */
  readonly byProviderModelId: ReadonlyMap<string, ReadonlySet<string>>;
  readonly providers: ReadonlySet<string>;
}

function buildIndex(rows: readonly ModelFacts[]): Index {
  const byId = new Map<string, ModelFacts>();
  const byCanonical = new Map<string, ModelFacts[]>();
  const bySegment = new Map<string, Set<string>>();
  const byProviderModelId = new Map<string, Set<string>>();
  for (const row of rows) {
    if (byId.has(row.id)) throw new Error(`two catalogue rows have the id ${row.id}`);
    byId.set(row.id, row);
    const siblings = byCanonical.get(row.canonical);
    if (siblings) siblings.push(row);
    else {
      byCanonical.set(row.canonical, [row]);
      add(bySegment, lastSegment(row.canonical), row.canonical);
    }
    add(byProviderModelId, row.providerModelId, row.canonical);
  }
  for (const [canonical, siblings] of byCanonical) labFirst(canonical, siblings);
  return { byId, byCanonical, bySegment, byProviderModelId, providers: new Set(rows.map((row) => row.provider)) };
}

function add(index: Map<string, Set<string>>, name: string, canonical: string): void {
  const found = index.get(name);
  if (found) found.add(canonical);
  else index.set(name, new Set([canonical]));
}

function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** `provider/any name of a model`: that provider's rows of the model, where the provider's own id is another one. */
function pinnedModel(index: Index, name: string): Resolution | null {
  const slash = name.indexOf("/");
  const provider = name.slice(0, slash);
  if (slash < 0 || !index.providers.has(provider)) return null;
  const rest = name.slice(slash + 1);
  const canonical = index.byCanonical.has(rest) ? rest : only(index.bySegment.get(rest));
  const rows = canonical === null ? [] : (index.byCanonical.get(canonical) ?? []);
  const own = rows.filter((row) => row.provider === provider);
  return canonical === null || own.length === 0 ? null : model(canonical, own, { spelled: name, pinned: provider });
}

function bare(index: Index, name: string): Resolution {
  const canonicals = index.bySegment.get(name) ?? index.byProviderModelId.get(name);
  if (!canonicals) return { kind: "unknown" };
  const canonical = only(canonicals);
  if (canonical === null) return { kind: "ambiguous", candidates: [...canonicals].sort() };
  return model(canonical, index.byCanonical.get(canonical) ?? [], { spelled: name, pinned: null });
}

function only(names: ReadonlySet<string> | undefined): string | null {
  if (names?.size !== 1) return null;
  const [name] = names;
  return name ?? null;
}

function model(
  canonical: string,
  rows: readonly ModelFacts[],
  { spelled, pinned }: { readonly spelled: string; readonly pinned: string | null },
): Resolution {
  const spelledLike = (row: ModelFacts | undefined) => row?.id === spelled || row?.providerModelId === spelled;
  const ordered = rows.length === 1 || spelledLike(rows[0]);
  const deployments = ordered ? rows : [...rows].sort((a, b) => Number(spelledLike(b)) - Number(spelledLike(a)));
  return { kind: "model", canonical, pinned, deployments };
}

/** Puts the rows of the lab that made the model first. */
function labFirst(canonical: string, rows: ModelFacts[]): void {
  const lab = canonical.slice(0, canonical.indexOf("/"));
  rows.sort((a, b) => Number(b.provider === lab) - Number(a.provider === lab));
}

/** Rows that take options, under names that carry them. Any other model has no name with a `?`. */
function withOptions(found: Resolution, options: string): Resolution {
  if (found.kind !== "model") return found;
  const deployments = found.deployments
    .filter((row) => row.takesOptions)
    .map((row) => ({ ...row, providerModelId: row.providerModelId + options }));
  return deployments.length === 0 ? { kind: "unknown" } : { ...found, deployments };
}

/** Every name in lower case, to the spelling that it is found by. Where two differ by case only, the first one wins. */
function namesInLowerCase(index: Index): Map<string, string> {
  const spelled = new Map<string, string>();
  for (const names of [index.byCanonical, index.byId, index.bySegment, index.byProviderModelId]) {
    for (const name of names.keys()) {
      const lower = name.toLowerCase();
      if (!spelled.has(lower)) spelled.set(lower, name);
    }
  }
  return spelled;
}
