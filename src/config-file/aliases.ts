// The section `aliases` of the configuration file: names of the operator's own for models.
import { z } from "zod";
import { type AliasRequest, aliasDefinition, aliasName } from "../admin/alias-request.ts";
import { toAlias } from "../admin/alias-view.ts";
import { aliasProblem, aliasSet, brokenChain, explainChain, type Known } from "../router/alias-check.ts";
import type { Complain } from "./section.ts";

/** By name. An alias is what `/admin/v1/aliases` takes, or a model's name, or a list of targets. */
export const aliasesSection = z.record(z.string(), aliasDefinition).default({});

/** The aliases of the file, in its order. What they lead to must be in the file too, or in the catalogue. */
export function readAliases(
  section: z.output<typeof aliasesSection>,
  { complain, ...known }: Known & { readonly complain: Complain },
): readonly AliasRequest[] {
  const requests = Object.entries(section).map(([name, definition]) => ({ name, ...definition }));
  const aliases = aliasSet(requests.map(toAlias));
  for (const alias of aliases.list()) {
    const at = ["aliases", alias.name];
    const named = aliasName.safeParse(alias.name);
    if (!named.success) complain(at, named.error.issues[0]?.message ?? "not a name");
    const problem = aliasProblem(alias, aliases, known);
    if (problem !== null) complain(problem.path[0] === "name" ? at : [...at, ...problem.path], problem.message);
  }
  const chain = brokenChain(aliases);
  if (chain !== null) complain(["aliases", chain[0] ?? ""], explainChain(chain));
  return requests;
}
