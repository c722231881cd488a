// The catalogue in force: what is installed, and over it what the operator has declared. Replaced whole, never changed.
import { type Catalog, createCatalog } from "../../providers/catalog/catalog.ts";
import { type ModelDeclaration, withDeclarations } from "../../providers/catalog/declared.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";

export interface LiveCatalog {
  /** Ask for it anew for each call. */
  current(): Catalog;
  /** Puts these declarations in force instead of the last ones; calls that are under way keep what they began with. */
  declare(declarations: readonly ModelDeclaration[]): void;
}

/** A catalogue of installed rows, with the declarations of the start in force. */
export function createLiveCatalog(
  rows: readonly ModelFacts[],
  declarations: readonly ModelDeclaration[] = [],
): LiveCatalog {
  let catalog = createCatalog(withDeclarations(rows, declarations));
  return {
    current: () => catalog,
    declare: (now) => {
      catalog = createCatalog(withDeclarations(rows, now));
    },
  };
}
