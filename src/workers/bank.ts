// The bank: keeps the limits and budgets of calls that several processes serve, by the one limiter that there is.
import { NamedComers } from "../comers.ts";
import { GatewayError } from "../errors.ts";
import { stateOf, takeRoom } from "../limits/call-limits.ts";
import type { Hold, Limiter, Used } from "../limits/limiter.ts";
import type { Policy, Scope } from "../limits/policy.ts";
import type { Keeping } from "./contract.ts";
import { pack, unpack } from "./packed.node.ts";

/** What one worker holds at the bank. */
export interface Account extends Pick<Keeping, "scopes" | "forgetScopes" | "take" | "settle" | "state"> {
  /**
   * Ends the account of a worker that is gone.
   * @param used what is known of what its calls have used; the others never began.
   */
  close(used: ReadonlyMap<string, Used>): void;
}

export interface Bank {
  open(): Account;
}

/** The limiter knows a policy by its identity: what is packed alike is one. */
const mostPolicies = 50_000;

export function createBank(limiter: Limiter, now: () => number): Bank {
  const policies = new Map<string, Policy>();

  const shared = (policy: Policy): Policy => {
    const text = pack(policy);
    const known = policies.get(text);
    if (known !== undefined) return known;
    if (policies.size >= mostPolicies) policies.clear();
    policies.set(text, policy);
    return policy;
  };
  const known = (scopes: readonly Scope[]): readonly Scope[] =>
    scopes.map((scope) => ({ ...scope, policy: shared(scope.policy) }));

  return {
    open() {
      const told = new Map<number, readonly Scope[]>();
      const holds = new NamedComers<Hold>();
      let closed = false;
      return {
        scopes: ({ number, scopes }) => void told.set(number, known(unpack(scopes))),
        forgetScopes: (number) => void told.delete(number),
        async take({ id, scopes: number, tokens, nanos, models }) {
          const scopes = told.get(number);
          if (scopes === undefined) throw new Error("a worker named scopes that it has not told");
          if (!limiter.primed(scopes)) await primed(limiter, scopes);
          // Whoever asked may be gone meanwhile: nobody would give its room back.
          if (closed) throw new Error("the account is closed");
          const need = { tokens, nanos: nanos === null ? null : BigInt(nanos), models };
          const { hold, headers } = takeRoom(limiter, { scopes, need, nowMs: now() });
          holds.add(id, hold);
          return headers;
        },
        settle({ id, tokens, nanos, percent }) {
          holds.take(id)?.settle({
            ...{ tokens, nanos: nanos === null ? null : BigInt(nanos) },
            ...(percent !== undefined && { percent: { of: BigInt(percent[0]), whole: BigInt(percent[1]) } }),
          });
        },
        async state(packed) {
          const scopes = known([unpack(packed)]);
          if (!limiter.primed(scopes)) await primed(limiter, scopes);
          return pack(stateOf(limiter, scopes[0] as Scope, now()));
        },
        close(used) {
          closed = true;
          for (const [id, hold] of holds.takeAll()) hold.settle(used.get(id) ?? { tokens: 0, nanos: 0n });
        },
      };
    },
  };
}

async function primed(limiter: Limiter, scopes: readonly Scope[]): Promise<void> {
  try {
    await limiter.prime(scopes);
  } catch (cause) {
    throw new GatewayError("gateway_overloaded", "Budgets can't be read at the moment.", { cause });
  }
}
