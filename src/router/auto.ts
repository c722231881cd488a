// Auto: the cheapest suitable model, for callers who do not care which.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Ask } from "./ask.ts";

export function isAuto(_name: string): boolean {
  return false;
}

export function autoModels(
  _name: string,
  _from: { readonly catalog: Catalog; readonly ask: Ask; available(facts: ModelFacts): boolean },
): readonly string[] {
  return [];
}
