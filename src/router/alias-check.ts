// Checks of aliases: that everything they name can be called, and that none of them leads back to itself.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { Alias, Aliases } from "./alias.ts";
import { isAuto } from "./auto.ts";
import { withoutSuffix } from "./suffixes.ts";

/** How many aliases may lead one to another. */
const longestChain = 5;

/** What names are looked up in, beside the aliases. */
export interface Known {
  readonly catalog: Catalog;
  /** Whether there is a provider of this id, in lower case. */
  isProvider(id: string): boolean;
}

/** What is wrong with an alias, and at which of its members: `["rules", 0, "then", "targets", 1]`. */
export interface AliasProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Aliases by their names, as a set that `get` asks. The last one of a name counts. */
export function aliasSet(aliases: Iterable<Alias>): Aliases {
  const byName = new Map(Array.from(aliases, (alias) => [alias.name, alias]));
  const all = [...byName.values()];
  return { get: (name) => byName.get(name), list: () => all };
}

/** The first thing that is wrong with an alias among others, which it may be one of; null when it can be used. */
export function aliasProblem(alias: Alias, aliases: Aliases, known: Known): AliasProblem | null {
  if (isOthersName(alias.name, known)) {
    return { path: ["name"], message: `${alias.name} is the name of a provider's or lab's own model; choose another` };
  }
  for (const { path, name } of links(alias)) {
    const message = whyNot(name, aliases, known);
    if (message !== null) return { path, message };
  }
  return null;
}

/**
 * Aliases that lead to each other without end, or more of them than may, in the order in which they do; null where there are
 * none. The planner follows aliases blindly: a set with such a chain must never be in force.
 */
export function brokenChain(aliases: Aliases): readonly string[] | null {
  /** How long the chain from an alias on is. */
  const lengths = new Map<string, number>();
  let broken: readonly string[] | null = null;
  const follow = (name: string, way: readonly string[]): number => {
    const alias = aliases.get(name);
    if (alias === undefined || broken !== null) return 0;
    const here = [...way, name];
    if (way.includes(name) || way.length + (lengths.get(name) ?? 1) > longestChain) {
      broken = here;
      return 0;
    }
    const known = lengths.get(name);
    if (known !== undefined) return known;
    let longest = 0;
    for (const link of links(alias)) longest = Math.max(longest, follow(aliasName(link.name, aliases), here));
    lengths.set(name, longest + 1);
    return longest + 1;
  };
  for (const { name } of aliases.list()) follow(name, []);
  return broken;
}

/** A broken chain in words. */
export function explainChain(chain: readonly string[]): string {
  const way = chain.map((name) => `\`${name}\``).join(" → ");
  return new Set(chain).size < chain.length
    ? `an alias can't lead back to itself: ${way}`
    : `at most ${longestChain} aliases may lead one to another: ${way}`;
}

/** The names that an alias leads to, and where each stands. */
function links(alias: Alias): readonly { readonly path: AliasProblem["path"]; readonly name: string }[] {
  const routes = [
    { at: [], route: alias },
    ...alias.rules.map(({ route }, index) => ({ at: ["rules", index, "then"], route })),
  ];
  return routes.flatMap(({ at, route }) => [
    ...route.targets.map(({ model }, index) => ({ path: [...at, "targets", index], name: model })),
    ...route.fallbacks.map((name, index) => ({ path: [...at, "fallbacks", index], name })),
  ]);
}

/** The name without its `:floor`s, which an alias of this very name would go before. */
function aliasName(name: string, aliases: Aliases): string {
  const shorter = withoutSuffix(name);
  return shorter === name || aliases.get(name) !== undefined ? name : aliasName(shorter, aliases);
}

/** `lab/model` and `provider/model`: callers must be able to rely on them. A bare name may be taken. */
function isOthersName(name: string, { catalog, isProvider }: Known): boolean {
  if (!name.includes("/")) return false;
  return isProvider(providerPart(name)) || catalog.resolve(name).kind !== "unknown";
}

/** Why a name leads nowhere; null when it is an alias, a model, or anything at a provider. */
function whyNot(written: string, aliases: Aliases, { catalog, isProvider }: Known): string | null {
  const name = aliasName(written, aliases);
  if (aliases.get(name) !== undefined || isAuto(name)) return null;
  const found = catalog.resolve(name);
  if (found.kind === "model") return null;
  if (found.kind === "ambiguous") return `${name} is the name of several models: ${found.candidates.join(", ")}`;
  if (/^[^/]+\/./.test(name) && isProvider(providerPart(name))) return null;
  const close = catalog.suggest(name);
  const advice = close.length > 0 ? `; did you mean ${close.join(" or ")}?` : "";
  return `there is no model, alias or provider for ${name}${advice}`;
}

function providerPart(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf("/"))).toLowerCase();
}
