// The limiter: lets a call through only if every limit and every budget of its scopes has room for it, and takes that room.
import { GatewayError } from "../errors.ts";
import { formatUsd } from "../usage/price.ts";
import { chargeFor, mostChargeFor, type Percent } from "./charge.ts";
import { matchesAny } from "./pattern.ts";
import { periodOf } from "./period.ts";
import { type Budget, type Limit, type Scope, windowMs } from "./policy.ts";
import { Purse, type Reservation } from "./purse.ts";
import { type SlidingWindow, slidingWindow } from "./sliding.ts";

/** What a call may use at the most. */
export interface Need {
  /** Estimated tokens of the prompt and of the answer, for limits of tokens. */
  readonly tokens: number;
  /** The most that it can cost; null when that is not known, which no budget admits. */
  readonly nanos: bigint | null;
  /** Names of the model that limits of models may mean. */
  readonly models: readonly string[];
}

/** What a call really used. */
export interface Used {
  readonly tokens: number;
  /** Null when the price is unknown. */
  readonly nanos: bigint | null;
  /** What it is charged at, where that is not what its customer is charged at otherwise: a key of its own was used. */
  readonly percent?: Percent;
}

/** Room that an admitted call has taken. It must be settled exactly once; further times do nothing. */
export interface Hold {
  settle(used: Used): void;
}

/** How a limit stands, for `x-ratelimit-*`. */
export interface Standing {
  readonly limit: Limit;
  readonly remaining: number;
  /** When all of it is there again. */
  readonly resetAtMs: number;
}

export interface LimiterOptions {
  now(): number;
  /** What a scope has spent since a time, from the ledger: asked once for each budget, when it is first seen. */
  spent(scope: string, fromMs: number): Promise<bigint>;
  /** Told when a percentage of a budget is reached. */
  onReached(scope: string, purse: Purse, percent: number): void;
}

interface Meter {
  readonly limit: Limit;
  readonly window: SlidingWindow;
}

interface State {
  readonly scope: string;
  policy: Scope["policy"];
  percent: Percent | null;
  meters: readonly Meter[];
  purses: readonly Purse[];
  inFlight: number;
}

/** What a call holds in one scope: of what was there to be counted with when it was admitted, whatever is there by its end. */
interface Part {
  readonly state: State;
  readonly meters: readonly Meter[];
  readonly purses: readonly Purse[];
  /** Of each of the purses. */
  readonly reservations: readonly Reservation[];
  /** At the time of the reservation. */
  readonly percent: Percent | null;
}

/** Scopes that were not used for long are forgotten when there are more: their windows are empty then. */
const mostScopes = 200_000;

export class Limiter {
  readonly #options: LimiterOptions;
  readonly #states = new Map<string, State>();

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /** Whether these scopes can be asked for room at once; else `prime` them first. */
  primed(scopes: readonly Scope[]): boolean {
    for (const { id, policy } of scopes) if (this.#states.get(id)?.policy !== policy) return false;
    return true;
  }

  /** Reads what these scopes have spent, so that their budgets can be kept. Rejects when the ledger can't be read. */
  async prime(scopes: readonly Scope[]): Promise<void> {
    await Promise.all(scopes.map((scope) => this.#prime(scope)));
  }

  /**
   * Takes the room that a call needs, in all of its scopes or in none.
   * @throws GatewayError `rate_limit_exceeded` with the time after which to try again, `budget_exceeded`.
   */
  take(scopes: readonly Scope[], need: Need): Hold {
    const nowMs = this.#options.now();
    const states = scopes.map((scope) => this.#state(scope));
    for (const state of states) check(state, need, nowMs);
    return new Taken(
      states.map((state) => partOf(state, need, nowMs)),
      need,
      nowMs,
      this.#options,
    );
  }

  /** How the tightest limit of each unit stands among these scopes, the ones for all models only. */
  standings(scopes: readonly Scope[]): readonly Standing[] {
    const nowMs = this.#options.now();
    let requests: Standing | null = null;
    let tokens: Standing | null = null;
    for (const scope of scopes) {
      for (const { limit, window } of this.#state(scope).meters) {
        if (limit.models !== null) continue;
        const known: Standing | null = limit.unit === "requests" ? requests : tokens;
        const remaining = Math.max(0, Math.floor(limit.amount - window.used(nowMs)));
        if (known !== null && !(remaining / limit.amount < known.remaining / known.limit.amount)) continue;
        const standing = { limit, remaining, resetAtMs: window.emptyAtMs(nowMs) };
        if (limit.unit === "requests") requests = standing;
        else tokens = standing;
      }
    }
    if (requests === null) return tokens === null ? [] : [tokens];
    return tokens === null ? [requests] : [requests, tokens];
  }

  /** The budgets of these scopes, with what is left of each. */
  purses(scopes: readonly Scope[]): readonly { readonly scope: string; readonly purse: Purse }[] {
    return scopes.flatMap((scope) => this.#state(scope).purses.map((purse) => ({ scope: scope.id, purse })));
  }

  /**
   * Takes out of a prepaid budget what exceeds an amount that must stay, this much at the most: calls can't have it from now on.
   * `heldNanos` is what of that calls under way hold. Null for a scope that is not primed: nobody holds any of it.
   * @param whole what the budget is: it may have changed since the last call.
   */
  withdraw(
    scope: string,
    { whole, most, stays }: { whole: bigint; most: bigint; stays: bigint },
  ): { nanos: bigint; heldNanos: bigint; undo(): void } | null {
    const purse = this.#states.get(scope)?.purses.find(({ budget }) => budget.prepaid);
    if (purse === undefined) return null;
    const { budget } = purse;
    const unspent = whole - purse.spent(this.#options.now()) - stays;
    const nanos = bounded(unspent - purse.reserved, most);
    if (whole - nanos < budget.nanos) purse.change({ ...budget, nanos: whole - nanos });
    return { nanos, heldNanos: bounded(unspent, most) - nanos, undo: () => purse.change(budget) };
  }

  #state({ id }: Scope): State {
    const state = this.#states.get(id);
    if (state === undefined) throw new Error(`the limits of ${id} were not primed`);
    return state;
  }

  async #prime({ id, policy, percent: charged }: Scope): Promise<void> {
    const purses = await Promise.all(policy.budgets.map((budget) => this.#purse(id, policy.budgets, budget)));
    const percent = charged ?? null;
    const nowMs = this.#options.now();
    if (this.#states.size >= mostScopes) this.#forgetIdle(nowMs);
    const state = this.#states.get(id) ?? { scope: id, policy, percent, meters: [], purses: [], inFlight: 0 };
    const { meters } = state;
    // Calls under way go on in the state that they were admitted with: it changes, it is not replaced.
    state.meters = policy.limits.map((limit) => meterOf(limit, meters, nowMs));
    const before = state.purses;
    state.purses = purses.map((purse, at) => {
      const budget = policy.budgets[at] ?? purse.budget;
      const kept = purseOf(before, policy.budgets, budget) ?? purse;
      kept.change(budget);
      return kept;
    });
    state.policy = policy;
    state.percent = percent;
    this.#states.set(id, state);
  }

  async #purse(scope: string, budgets: readonly Budget[], budget: Budget): Promise<Purse> {
    const known = purseOf(this.#states.get(scope)?.purses ?? [], budgets, budget);
    if (known !== undefined) return known;
    const nowMs = this.#options.now();
    return new Purse(budget, await this.#options.spent(scope, periodOf(budget.per, nowMs).fromMs), nowMs);
  }

  #forgetIdle(nowMs: number): void {
    for (const [id, { inFlight, meters, purses }] of this.#states) {
      const idle = inFlight === 0 && meters.every(({ window }) => window.idle(nowMs));
      if (idle && purses.every((purse) => purse.unreserved)) this.#states.delete(id);
    }
  }
}

/** Room that was taken, to be corrected or given back. */
class Taken implements Hold {
  readonly #parts: readonly Part[];
  readonly #need: Need;
  readonly #atMs: number;
  readonly #options: LimiterOptions;
  #held = true;

  constructor(parts: readonly Part[], need: Need, atMs: number, options: LimiterOptions) {
    this.#parts = parts;
    this.#need = need;
    this.#atMs = atMs;
    this.#options = options;
  }

  settle(used: Used): void {
    if (!this.#held) return;
    this.#held = false;
    const nowMs = this.#options.now();
    for (const part of this.#parts) {
      part.state.inFlight -= 1;
      const more = used.tokens - this.#need.tokens;
      for (const { limit, window } of part.meters) {
        // What was taken of limits of requests stays as it is.
        if (more !== 0 && limit.unit === "tokens" && concerns(limit, this.#need))
          window.correct(more, this.#atMs, nowMs);
      }
      this.#pay(part, used);
    }
  }

  #pay({ state, purses, reservations, percent }: Part, { nanos, percent: charged }: Used): void {
    for (const [at, purse] of purses.entries()) {
      const reservation = reservations[at];
      if (reservation === undefined) continue;
      // What has no known price is taken to have cost what it could: a budget errs on the side of its owner.
      const spent = nanos === null || percent === null ? nanos : chargeFor(nanos, charged ?? percent);
      const reached = purse.settle(reservation, spent ?? reservation.nanos);
      for (const mark of reached) this.#options.onReached(state.scope, purse, mark);
    }
  }
}

/** Takes the room that a call needs in one scope. */
function partOf(state: State, need: Need, nowMs: number): Part {
  const { meters, purses, percent } = state;
  state.inFlight += 1;
  for (const { limit, window } of meters) if (concerns(limit, need)) window.add(amountOf(limit, need), nowMs);
  const nanos = mostNanos(state, need) ?? 0n;
  const reservations = purses.length === 0 ? none : purses.map((purse) => purse.reserve(nanos, nowMs));
  return { state, meters, purses, reservations, percent };
}

const none: readonly Reservation[] = [];

/** The most that a call can be charged to the budgets of a scope; null when that is not known. */
function mostNanos({ percent }: State, { nanos }: Need): bigint | null {
  return nanos === null || percent === null ? nanos : mostChargeFor(nanos, percent);
}

function check(state: State, need: Need, nowMs: number): void {
  const { policy, meters, purses, inFlight } = state;
  if (policy.maxConcurrency !== null && inFlight >= policy.maxConcurrency) {
    throw new GatewayError(
      "rate_limit_exceeded",
      `This key may have ${counted(policy.maxConcurrency, "calls")} under way at a time. Wait for one to end.`,
      { retryAfterMs: 1_000 },
    );
  }
  for (const { limit, window } of meters) {
    if (!concerns(limit, need)) continue;
    const amount = amountOf(limit, need);
    const fitsAtMs = window.fitsAtMs(amount, limit.amount, nowMs);
    if (fitsAtMs !== null && fitsAtMs <= nowMs) continue;
    throw limitReached(limit, amount, fitsAtMs === null ? null : fitsAtMs - nowMs);
  }
  const nanos = mostNanos(state, need);
  for (const purse of purses) if (!purse.fits(nanos, nowMs)) throw budgetReached(purse, nanos, nowMs);
}

/** `1 call`, `2 calls`. */
function counted(count: number, plural: "calls" | Limit["unit"]): string {
  return `${count} ${count === 1 ? plural.slice(0, -1) : plural}`;
}

function limitReached(limit: Limit, amount: number, waitMs: number | null): GatewayError {
  const of = limit.models === null ? "" : ` of ${limit.models.join(", ")}`;
  const allowed = `${counted(limit.amount, limit.unit)}${of} a ${limit.per}`;
  if (waitMs === null) {
    return new GatewayError(
      "rate_limit_exceeded",
      `This key may use ${allowed}, and this call alone may use ${Math.ceil(amount)}. Shorten it or ask for fewer tokens.`,
      { status: 400 },
    );
  }
  const message = `This key may use ${allowed}, and has. Try again in ${Math.ceil(waitMs / 1000)} s.`;
  return new GatewayError("rate_limit_exceeded", message, { retryAfterMs: waitMs });
}

function budgetReached(purse: Purse, nanos: bigint | null, nowMs: number): GatewayError {
  const { per, nanos: whole, prepaid } = purse.budget;
  const ends = purse.period(nowMs).toMs;
  const which = prepaid
    ? "The prepaid credit"
    : `The budget of $${formatUsd(whole)}${per === "total" ? "" : ` a ${per}`}`;
  if (nanos === null) {
    return new GatewayError(
      "budget_exceeded",
      `${which} can't be kept by a call whose price is not known. Choose a model with a price, or have the operator declare one.`,
    );
  }
  const left = purse.left(nowMs);
  return new GatewayError(
    "budget_exceeded",
    `${which} has $${formatUsd(left > 0n ? left : 0n)} left, and this call may cost $${formatUsd(nanos)}. ` +
      "Ask for fewer tokens, or have the operator raise it.",
    prepaid ? { status: 402 } : { retryAfterMs: Number.isFinite(ends) ? ends - nowMs : null },
  );
}

/** From nothing to the most. */
function bounded(nanos: bigint, most: bigint): bigint {
  if (nanos < 0n) return 0n;
  return nanos > most ? most : nanos;
}

function amountOf({ unit }: Limit, { tokens }: Need): number {
  return unit === "requests" ? 1 : tokens;
}

function concerns({ models }: Limit, need: Need): boolean {
  return models === null || need.models.some((name) => matchesAny(models, name));
}

/** The meter of a limit: the one there was, with what it has counted, also when its amount is another now. */
function meterOf(limit: Limit, known: readonly Meter[], nowMs: number): Meter {
  const before = known.find((meter) => sameLimit(meter.limit, limit));
  if (before?.limit.amount === limit.amount) return before;
  const window = slidingWindow(windowMs[limit.per], limit.amount, { ones: limit.unit === "requests" });
  const used = before?.window.used(nowMs) ?? 0;
  if (limit.unit === "tokens") window.add(used, nowMs);
  else for (let request = 0; request < Math.min(used, limit.amount); request++) window.add(1, nowMs);
  return { limit, window };
}

function sameLimit(a: Limit, b: Limit): boolean {
  return a.unit === b.unit && a.per === b.per && (a.models ?? []).join() === (b.models ?? []).join();
}

/** The purse that a budget had, also when its amount is another now: its first of this period, its second, and so on. */
function purseOf(purses: readonly Purse[], budgets: readonly Budget[], budget: Budget): Purse | undefined {
  const nth = budgets.filter(({ per }) => per === budget.per).indexOf(budget);
  return purses.filter((purse) => purse.budget.per === budget.per)[nth];
}
