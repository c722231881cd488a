// The simulation: a discrete-event loop over one strategy's calls in the simulated world, and what became of them.
import { costNanos, type Draw, drawCall, drawTtftMs, type Site, seeded, sites as troubled } from "./world.ts";

export interface Outcome {
  readonly kind: "ok" | "error" | "rate_limit" | "timeout";
  readonly retryAfterMs: number | null;
}

/** One call as a strategy sees it: whom to ask, and what came of asking. */
export interface Routed {
  /** The next site and the wait before it; null gives up. */
  next(nowMs: number): { readonly site: Site; readonly afterMs: number } | null;
  /** Whether the site is asked to see whether it has recovered. */
  readonly probing: boolean;
  begin(site: Site, nowMs: number): void;
  content(site: Site, nowMs: number): void;
  end(site: Site, outcome: Outcome, measured: { ttftMs: number; durationMs: number } & Draw, nowMs: number): void;
}

export interface Strategy {
  readonly name: string;
  /** How long an attempt's first token is waited for. */
  patienceMs(site: Site, nowMs: number): number;
  /** Null refuses the call at once: nobody is fit to be asked. */
  route(draw: Draw, nowMs: number): Routed | null;
}

export interface Options {
  readonly calls: number;
  readonly perSecond: number;
  readonly seed: number;
}

export interface CallResult {
  readonly atMs: number;
  readonly ok: boolean;
  /** Who answered. */
  readonly site: string | null;
  /** Who was asked first. */
  readonly first: string | null;
  /** Whether it was asked first only to see whether it has recovered. */
  readonly probe: boolean;
  readonly attempts: number;
  readonly costNanos: number;
  /** From the call's arrival, failed attempts and waits included. */
  readonly ttftMs: number;
  readonly timeMs: number;
}

/** What strategies may ask of the world; the load is known to all who sent it, the rest to the oracle alone. */
export interface WorldView {
  inFlight(site: Site): number;
  /** Attempts that its limit still allows now. */
  allowed(site: Site, nowMs: number): number;
}

/**
 * Runs a strategy over the world; the same seed draws the same calls, times and failures for each.
 * @param sites the world's own, by id, in another state if so wished.
 */
export function simulate(
  make: (view: WorldView) => Strategy,
  { calls, perSecond, seed }: Options,
  sites: readonly Site[] = troubled,
): CallResult[] {
  const states = new Map(sites.map((site) => [site.id, site]));
  const arrivals = seeded(seed);
  const luck = seeded(seed + 1);
  const events = new Events();
  const flying = new Map(sites.map((site) => [site.id, 0]));
  const recent = new Map<string, number[]>(sites.map((site) => [site.id, []]));
  const results: CallResult[] = [];

  const view: WorldView = {
    inFlight: ({ id }) => flying.get(id) ?? 0,
    allowed: ({ id, perMinute }, nowMs) => {
      if (perMinute === null) return Infinity;
      const sent = recent.get(id) ?? [];
      while (sent.length > 0 && (sent[0] ?? 0) <= nowMs - 60_000) sent.shift();
      return perMinute - sent.length;
    },
  };
  const strategy = make(view);

  const arrive = (number: number, atMs: number): void => {
    const draw = drawCall(arrivals);
    const running = { draw, atMs, attempts: 0, first: null, probe: false };
    const call = strategy.route(draw, atMs);
    if (call === null) finish(running, null, 0, 0);
    else attempt({ ...running, call });
    if (number + 1 < calls) {
      const gap = (-Math.log(1 - arrivals()) * 1_000) / perSecond;
      events.at(atMs + gap, (now) => arrive(number + 1, now));
    }
  };

  interface Running {
    readonly call: Routed;
    readonly draw: Draw;
    readonly atMs: number;
    attempts: number;
    first: string | null;
    probe: boolean;
  }

  const attempt = (running: Running): void => {
    const then = running.call.next(events.nowMs);
    if (then === null) finish(running, null, 0, 0);
    else events.at(events.nowMs + then.afterMs, () => send(running, then.site));
  };

  const send = (running: Running, site: Site): void => {
    const nowMs = events.nowMs;
    const { call, draw } = running;
    running.attempts += 1;
    if (running.first === null) {
      running.first = site.id;
      running.probe = call.probing;
    }
    call.begin(site, nowMs);
    const truth = (states.get(site.id) ?? site).truth(nowMs);
    const limited = view.allowed(site, nowMs) <= 0;
    const retryAfterMs = limited ? Math.max(0, (recent.get(site.id)?.[0] ?? 0) + 60_000 - nowMs) : null;
    if (site.perMinute !== null && !limited) recent.get(site.id)?.push(nowMs);
    flying.set(site.id, view.inFlight(site) + 1);
    const crowding = site.capacity === null ? 1 : Math.max(1, view.inFlight(site) / site.capacity);
    const ttftMs = drawTtftMs(truth, luck) * crowding;
    const durationMs = ttftMs + (1_000 * draw.outputTokens * crowding) / truth.tokensPerSecond;
    const end = (afterMs: number, outcome: Outcome): void =>
      events.at(nowMs + afterMs, () => {
        flying.set(site.id, view.inFlight(site) - 1);
        call.end(site, outcome, { ttftMs, durationMs, ...draw }, events.nowMs);
        if (outcome.kind === "ok") finish(running, site, nowMs + ttftMs, nowMs + durationMs);
        else attempt(running);
      });
    const patienceMs = strategy.patienceMs(site, nowMs);
    const unlucky = luck() < truth.errors;
    if (limited) end(30, { kind: "rate_limit", retryAfterMs });
    else if (truth.hangs || ttftMs > patienceMs) end(patienceMs, { kind: "timeout", retryAfterMs: null });
    else if (unlucky) end(truth.failAfterMs, { kind: "error", retryAfterMs: null });
    else {
      events.at(nowMs + ttftMs, () => call.content(site, events.nowMs));
      end(durationMs, { kind: "ok", retryAfterMs: null });
    }
  };

  const finish = (
    { draw, atMs, attempts, first, probe }: Omit<Running, "call">,
    site: Site | null,
    ttftAtMs: number,
    doneAtMs: number,
  ): void => {
    results.push({
      atMs,
      ok: site !== null,
      site: site?.id ?? null,
      first,
      probe,
      attempts,
      costNanos: site === null ? 0 : costNanos(site, draw),
      ttftMs: ttftAtMs - atMs,
      timeMs: doneAtMs - atMs,
    });
  };

  events.at(0, (now) => arrive(0, now));
  events.run();
  return results.sort((a, b) => a.atMs - b.atMs);
}

/** A heap of what happens when. */
class Events {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly what: (nowMs: number) => void }[] = [];
  #order = 0;
  nowMs = 0;

  at(atMs: number, what: (nowMs: number) => void): void {
    const heap = this.#heap;
    heap.push({ atMs: Math.max(atMs, this.nowMs), order: this.#order++, what });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  run(): void {
    for (let first = this.#take(); first !== undefined; first = this.#take()) {
      this.nowMs = first.atMs;
      first.what(first.atMs);
    }
  }

  #take() {
    const heap = this.#heap;
    if (heap.length === 0) return undefined;
    this.#swap(0, heap.length - 1);
    const first = heap.pop();
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < heap.length && this.#before(child, least)) least = child;
      }
      if (least === parent) return first;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }
}
