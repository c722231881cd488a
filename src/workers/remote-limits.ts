// The limits of calls in a worker: the keeper counts, and is asked for each call that is counted at all.
import { type CallLimits, isCounted, type Room, type ScopeState, unlimited } from "../limits/call-limits.ts";
import type { Scope } from "../limits/policy.ts";
import type { Keeping } from "./contract.ts";
import type { Link } from "./link.node.ts";
import { pack, unpack } from "./packed.node.ts";

/** Those of a key of which something is counted, and the number by which the keeper knows them; null where nothing is. */
type Known = { readonly number: number } | null;

export function remoteLimits(keeper: Link<Keeping>): CallLimits {
  const known = new WeakMap<readonly Scope[], Known>();
  let lastNumber = 0;
  // The ring lets go of a key that has changed: the keeper need not remember what it was.
  const forgotten = new FinalizationRegistry<number>((number) => keeper.tell("forgetScopes", number));

  const introduce = (scopes: readonly Scope[]): Known => {
    const counted = scopes.filter(isCounted);
    if (counted.length === 0) return null;
    lastNumber += 1;
    keeper.tell("scopes", { number: lastNumber, scopes: pack(counted) });
    forgotten.register(scopes, lastNumber);
    return { number: lastNumber };
  };

  return {
    primed: () => true,
    prime: () => Promise.resolve(),
    admit(id, scopes, { tokens, nanos, models }) {
      let those = known.get(scopes);
      if (those === undefined) {
        those = introduce(scopes);
        known.set(scopes, those);
      }
      if (those === null) return unlimited;
      const { number } = those;
      return keeper
        .ask("take", { id, scopes: number, tokens, nanos: nanos?.toString() ?? null, models })
        .then((headers): Room => ({ hold: holdOf(id, keeper), headers }));
    },
    async state(scope): Promise<ScopeState> {
      return isCounted(scope) ? unpack(await keeper.ask("state", pack(scope))) : { limits: [], budgets: [] };
    },
  };
}

function holdOf(id: string, keeper: Link<Keeping>): Room["hold"] {
  let held = true;
  return {
    settle({ tokens, nanos, percent }) {
      if (!held) return;
      held = false;
      keeper.tell("settle", {
        ...{ id, tokens, nanos: nanos?.toString() ?? null },
        ...(percent !== undefined && { percent: [String(percent.of), String(percent.whole)] as const }),
      });
    },
  };
}
