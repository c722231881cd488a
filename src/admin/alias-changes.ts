// Changes of the stored aliases, checked, and in force at once: for the admin surface and for the command line.
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { aliasProblem, aliasSet, brokenChain, explainChain, type Known } from "../router/alias-check.ts";
import type { LiveAliases } from "../router/live-aliases.ts";
import type { AliasRecord, AliasStore } from "../store/port.ts";
import type { AliasRequest } from "./alias-request.ts";
import { toAlias } from "./alias-view.ts";

export interface AliasChanges {
  readonly store: AliasStore;
  readonly live: LiveAliases;
  /** Of the configuration file. */
  readonly configured: readonly AliasRequest[];
  readonly known: Known;
  readonly clock: Clock;
}

/**
 * Keeps an alias, instead of an earlier one of its name, and puts it in force.
 * @throws GatewayError `invalid_request` when it can't be used, naming the member where it lies.
 */
export async function putAlias(request: AliasRequest, changes: AliasChanges): Promise<AliasRecord> {
  const { store, live, known, clock } = changes;
  const alias = toAlias(request);
  await live.look();
  const after = aliasSet([...live.list(), alias]);
  const problem = aliasProblem(alias, after, known);
  if (problem !== null) throw invalid(problem.path.join("."), problem.message);
  const chain = brokenChain(after);
  if (chain !== null) throw invalid("targets", explainChain(chain));
  const { name, ...definition } = request;
  const record = await store.put(name, definition, clock.now());
  await live.refresh();
  return record;
}

/**
 * Forgets a stored alias; what the configuration file says of its name holds again.
 * @throws GatewayError `not_found`, or `conflict` when it stands in the file, or other aliases lead to it.
 */
export async function removeAlias(name: string, { store, live, configured, known }: AliasChanges): Promise<void> {
  const beneath = configured.find((one) => one.name === name);
  if ((await store.get(name)) === null) {
    if (beneath === undefined) throw new GatewayError("not_found", "There is no alias of this name.");
    throw new GatewayError("conflict", "This alias stands in the configuration file. Take it out there.");
  }
  await live.look();
  const others = live.list().filter((alias) => alias.name !== name);
  const after = aliasSet(beneath === undefined ? others : [...others, toAlias(beneath)]);
  const broken = others.find(
    (alias) => aliasProblem(alias, after, known) !== null && aliasProblem(alias, live, known) === null,
  );
  if (broken !== undefined) {
    throw new GatewayError("conflict", `The alias \`${broken.name}\` leads to this one. Change it first.`);
  }
  const chain = brokenChain(after);
  if (chain !== null) throw new GatewayError("conflict", `Without it, ${explainChain(chain)}.`);
  await store.remove(name);
  await live.refresh();
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError("invalid_request", `\`${param}\`: ${message}.`, { param });
}
