// GET /v1/key: the caller's own key, what it may do, what is left of that, and what it has used. POST /v1/key/revoke: no more.
import type { Context } from "hono";
import { revokeKey } from "../keys/revoke.ts";
import type { ScopeState } from "../limits/call-limits.ts";
import type { Scope } from "../limits/policy.ts";
import { promptLoggingOf } from "../prompts/wish.ts";
import type { KeyRecord, UsageRow } from "../store/port.ts";
import { formatUsd } from "../usage/price.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";

const noStore = { "cache-control": "no-store" };

export function getKey(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const caller = await authenticate(c, deps);
    const { key, scopes } = caller;
    const now = deps.clock.now();
    const periods = { total: 0, today: startOfDay(now), month: startOfMonth(now) };
    const usage: Record<string, unknown> = {};
    for (const [period, fromMs] of Object.entries(periods)) {
      const [row] = await deps.store.calls.usage({
        groupBy: ["key"],
        fromMs,
        toMs: Number.MAX_SAFE_INTEGER,
        keyId: key.id,
      });
      usage[period] = usageView(row);
    }
    const states = await Promise.all(scopes.map(async (scope) => ({ scope, ...(await deps.limits.state(scope)) })));
    const view = {
      ...keyView(key),
      policy: key.policy,
      limits: states.flatMap(limitViews),
      budgets: states.flatMap(budgetViews),
      rotation: rotationView(caller),
      prompt_logging: loggingView(scopes),
      usage,
    };
    return c.json(view, 200, noStore);
  };
}

/** The holder's own end to its key: for one who knows or fears that it has been seen. An old secret will do. */
export function revokeOwnKey(deps: ApiDeps): (c: Context) => Promise<Response> {
  const { ring, clock } = deps;
  const { keys } = deps.store;
  return async (c) => {
    const { key } = await authenticate(c, deps);
    const revoked = await revokeKey({ keys, clock, onChange: (id) => ring.forget(id) }, key.id);
    return c.json(keyView(revoked ?? { ...key, status: "revoked" }), 200, noStore);
  };
}

function keyView(key: KeyRecord): Record<string, unknown> {
  return {
    id: key.id,
    object: "key",
    name: key.name,
    hint: key.hint,
    customer: key.customer,
    project: key.project,
    environment: key.environment,
    status: key.status,
    metadata: key.metadata,
    created_at: iso(key.createdAtMs),
    expires_at: iso(key.expiresAtMs),
  };
}

/** Whose it is: the key's own, or all of its project's or customer's keys together. */
function levelOf({ id }: Scope): string {
  return id.slice(0, id.indexOf(":"));
}

type Stands = ScopeState & { readonly scope: Scope };

function limitViews({ scope, limits }: Stands): Record<string, unknown>[] {
  return limits.map(({ limit, remaining, resetAtMs }) => ({
    of: levelOf(scope),
    unit: limit.unit,
    limit: limit.amount,
    per: limit.per,
    models: limit.models,
    remaining,
    resets_at: iso(resetAtMs),
  }));
}

function budgetViews({ scope, budgets }: Stands): Record<string, unknown>[] {
  return budgets.map(({ budget, spentNanos, leftNanos, resetsAtMs }) => ({
    of: levelOf(scope),
    usd: formatUsd(budget.nanos),
    per: budget.per,
    hard: budget.hard,
    spent_usd: formatUsd(spentNanos),
    // What calls under way hold is not left.
    left_usd: formatUsd(leftNanos),
    resets_at: iso(resetsAtMs),
  }));
}

const dayMs = 86_400_000;

/** How the secret that was shown stands: when the key's policy wants another one, and whether there is one already. */
function rotationView({ key, secret }: Caller): Record<string, unknown> {
  const { rotation } = key;
  const sinceMs = key.rotatedAtMs ?? key.createdAtMs;
  return {
    every_days: rotation?.everyDays ?? null,
    due_at: rotation === null ? null : iso(sinceMs + rotation.everyDays * dayMs),
    rotated_at: iso(key.rotatedAtMs),
    replaced: secret.expiresAtMs !== null,
    secret_expires_at: iso(secret.expiresAtMs),
  };
}

/** Whether what this key asks and is answered is logged. */
function loggingView(scopes: readonly Scope[]): Record<string, unknown> | null {
  const logging = promptLoggingOf(scopes);
  if (logging === null) return null;
  return { retention_days: logging.retentionDays, sample: logging.sample, redact: logging.redact };
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function usageView(row: UsageRow | undefined): Record<string, unknown> {
  return {
    requests: row?.requests ?? 0,
    input_tokens: row?.inputTokens ?? 0,
    cached_input_tokens: row?.cachedInputTokens ?? 0,
    output_tokens: row?.outputTokens ?? 0,
    reasoning_tokens: row?.reasoningTokens ?? 0,
    cost_usd: formatUsd(row?.costNanos ?? 0n),
    unpriced_requests: row?.unpricedRequests ?? 0,
  };
}

function startOfDay(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

function startOfMonth(nowMs: number): number {
  const date = new Date(nowMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
