// GET /v1/key: the caller's own key and what it has used.
import type { Context } from "hono";
import type { KeyRecord, UsageRow } from "../store/port.ts";
import { formatUsd } from "../usage/price.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";

export function getKey(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const { key } = await authenticate(c, deps);
    const now = deps.clock.now();
    const periods = { total: 0, today: startOfDay(now), month: startOfMonth(now) };
    const usage: Record<string, unknown> = {};
    for (const [period, fromMs] of Object.entries(periods)) {
      const [row] = await deps.store.calls.usage({ groupBy: ["key"], fromMs, toMs: now + 1, keyId: key.id });
      usage[period] = usageView(row);
    }
    return c.json({ ...keyView(key), usage }, 200, { "cache-control": "no-store" });
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
    created_at: new Date(key.createdAtMs).toISOString(),
    expires_at: key.expiresAtMs === null ? null : new Date(key.expiresAtMs).toISOString(),
  };
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
