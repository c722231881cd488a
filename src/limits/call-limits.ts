// The limits of calls as the gateway meets them, wherever they are counted: in this process, or in the one that counts for several.
import { GatewayError } from "../errors.ts";
import { limitHeaders } from "./headers.ts";
import type { Hold, Limiter, Need, Standing } from "./limiter.ts";
import { type Budget, noPolicy, type Scope } from "./policy.ts";

export interface CallLimits {
  /** Whether these scopes can be asked for room at once; else `prime` them first. */
  primed(scopes: readonly Scope[]): boolean;
  /** Reads what these scopes have spent. Rejects when the ledger can't be read. */
  prime(scopes: readonly Scope[]): Promise<void>;
  /**
   * Takes the room that a call needs, in all of its scopes or in none: at once where it is counted here, else a promise.
   * @throws GatewayError (or rejects with it) as `Limiter.take` does.
   */
  admit(callId: string, scopes: readonly Scope[], need: Need): Room | Promise<Room>;
  /** How everything that is counted of one scope stands. */
  state(scope: Scope): Promise<ScopeState>;
}

export interface Room {
  readonly hold: Hold;
  /** `x-ratelimit-*` of the tightest limits, after this call. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ScopeState {
  readonly limits: readonly Standing[];
  readonly budgets: readonly BudgetState[];
}

/** How a budget stands in its present period. */
export interface BudgetState {
  readonly budget: Budget;
  readonly spentNanos: bigint;
  /** What may still be reserved; never negative. */
  readonly leftNanos: bigint;
  /** Null for one that is never filled up again. */
  readonly resetsAtMs: number | null;
}

/** What a call without any limit holds. */
export const unlimited: Room = { hold: { settle: () => {} }, headers: {} };

/** Whether anything is counted of the calls of this scope. */
export function isCounted({ policy }: Scope): boolean {
  return (
    policy !== noPolicy && (policy.limits.length > 0 || policy.budgets.length > 0 || policy.maxConcurrency !== null)
  );
}

/** Those of a limiter in this process. */
export function limitsOf(limiter: Limiter, now: () => number): CallLimits {
  return {
    primed: (scopes) => limiter.primed(scopes),
    prime: (scopes) => limiter.prime(scopes),
    admit: (_callId, scopes, need) => takeRoom(limiter, { scopes, need, nowMs: now() }),
    state: async (scope) => stateOf(limiter, scope, now()),
  };
}

/**
 * Takes the room of a call in primed scopes, and tells how their limits stand then, to those that are refused too.
 * @throws GatewayError what `Limiter.take` refuses with.
 */
export function takeRoom(
  limiter: Limiter,
  { scopes, need, nowMs }: { scopes: readonly Scope[]; need: Need; nowMs: number },
): Room {
  const headers = (): Record<string, string> => limitHeaders(limiter.standings(scopes), nowMs);
  try {
    const hold = limiter.take(scopes, need);
    return { hold, headers: headers() };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { code, message, status, param, retryAfterMs } = error;
    throw new GatewayError(code, message, { status, param, retryAfterMs, headers: headers() });
  }
}

/** How a primed scope stands. */
export function stateOf(limiter: Limiter, scope: Scope, nowMs: number): ScopeState {
  return {
    limits: limiter.standings([scope]),
    budgets: limiter.purses([scope]).map(({ purse }) => {
      const left = purse.left(nowMs);
      const { toMs } = purse.period(nowMs);
      return {
        budget: purse.budget,
        spentNanos: purse.spent(nowMs),
        leftNanos: left > 0n ? left : 0n,
        resetsAtMs: Number.isFinite(toMs) ? toMs : null,
      };
    }),
  };
}
