// Admission: what is reserved and recorded for a call before it may cost anything.

import { GatewayError } from "../errors.ts";
import { type CallLimits, type Room, unlimited } from "../limits/call-limits.ts";
import type { Tariff } from "../limits/charge.ts";
import { checkCall } from "../limits/check.ts";
import type { Hold } from "../limits/limiter.ts";
import { noPolicy, type Scope } from "../limits/policy.ts";
import { charactersPerToken } from "../router/ask.ts";
import type { Plan } from "../router/plan.ts";
import type { KeyRecord, OpenCall, Settlement } from "../store/port.ts";
import type { Call } from "./call.ts";
import { needOf } from "./need.ts";

/** The part of the journal that a call needs. */
export interface CallJournal {
  open(call: OpenCall): void;
  /**
   * Calls when what was recorded so far is written down, mostly at the end of this turn of the event loop. What is called throws
   * nothing.
   * @param then told false when an admission is kept nowhere but in memory: it must not be acted upon.
   */
  written(then: (kept: boolean) => void): void;
  /** Resolves when the admission is durable; null when it already is. */
  opened(id: string): Promise<void> | null;
  settle(settlement: Settlement): void;
  /** False while records can't be kept: nothing is admitted then. */
  readonly healthy: boolean;
  /** True while the database lacks what was recorded for some seconds: no hard budget is spent from then. */
  readonly behind: boolean;
}

export interface Admission {
  readonly key: KeyRecord;
  readonly tariff: Tariff;
  readonly estimatedInputTokens: number;
  /** The room that limits and budgets have kept for the call. */
  readonly hold: Hold;
  /** Headers by which the caller knows how its limits stand. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who calls, and what its calls must keep to. */
export interface AdmittedCaller {
  readonly key: KeyRecord;
  readonly scopes: readonly Scope[];
  /** How its customer pays. */
  readonly tariff: Tariff;
}

export interface AdmitDeps {
  readonly journal: Pick<CallJournal, "open" | "healthy" | "behind">;
  readonly limits: CallLimits;
}

/**
 * Admits a call of an authenticated key: from here on it has a record and holds room in its limits and budgets, and must be
 * settled exactly once. At once where its limits are counted in this process, else a promise.
 * @param fileBytes of the files that come with the request; 0 where there are none.
 * @throws GatewayError (or rejects with it) `gateway_overloaded` when its record can't be kept; what `checkCall` and
 * `Limiter.take` refuse with.
 */
export function admit(
  { call, caller, plan, fileBytes = 0 }: { call: Call; caller: AdmittedCaller; plan: Plan; fileBytes?: number },
  { journal, limits }: AdmitDeps,
): Admission | Promise<Admission> {
  const { key, scopes, tariff } = caller;
  if (!journal.healthy || (journal.behind && scopes.some(hasHardBudget))) {
    throw unrecordable();
  }
  const estimatedInputTokens = Math.ceil((call.peek?.textLength ?? call.rawBody.length) / charactersPerToken);
  checkCall(scopes, {
    operation: call.operation,
    inputTokens: estimatedInputTokens,
    maxOutputTokens: call.peek?.maxOutputTokens ?? null,
    metadata: call.peek?.metadata ?? {},
  });
  const limited = scopes.some(({ policy }) => policy !== noPolicy);
  const room = limited ? limits.admit(call.id, scopes, needOf({ call, plan, fileBytes })) : unlimited;
  const record = (taken: Room): Admission => {
    open(taken, { call, key, plan, estimatedInputTokens }, journal);
    return { key, tariff, estimatedInputTokens, ...taken };
  };
  return room instanceof Promise ? room.then(record) : record(room);
}

type Opening = Pick<Admission, "key" | "estimatedInputTokens"> & { readonly call: Call; readonly plan: Plan };

/** Writes the call's record; where that fails, its room is given back. */
function open({ hold }: Room, { call, key, plan, estimatedInputTokens }: Opening, journal: AdmitDeps["journal"]): void {
  try {
    journal.open({
      id: call.id,
      keyId: key.id,
      customer: key.customer,
      project: key.project,
      operation: call.operation,
      dialect: call.dialect.id,
      requestedModel: call.models[0] ?? "",
      stream: call.stream,
      openedAtMs: call.openedAtMs,
      estimatedInputTokens,
      ...plannedOf(plan),
    });
  } catch (error) {
    hold.settle({ tokens: 0, nanos: 0n });
    throw error;
  }
}

/** Nearly always the one that is asked: recovery tells it of a call that a dead process left open. */
function plannedOf({ steps: [first] }: Plan): Pick<OpenCall, "planned"> {
  if (first === undefined) return {};
  const { connection, model, facts } = first.deployment;
  return { planned: { provider: connection.provider.id, model, canonicalModel: facts?.canonical ?? null } };
}

/** Why no call is served that nothing would tell of. */
export function unrecordable(): GatewayError {
  return new GatewayError(
    "gateway_overloaded",
    "This gateway can't record usage at the moment, so it admits no calls. Try again shortly.",
    { retryAfterMs: 5_000 },
  );
}

function hasHardBudget({ policy }: Scope): boolean {
  return policy.budgets.some(({ hard }) => hard);
}
