// A provider as operators see it: how it is reached, and what is measured of it in this process.
import { z } from "@hono/zod-openapi";
import type { Measures } from "../router/measures.ts";
import type { Statistics } from "../router/statistics.ts";
import type { Connection } from "../vault/credentials.ts";
import { timestamp } from "./schemas.ts";

const at = timestamp.nullable();
const share = z.number().min(0).max(1);

const credentialSchema = z
  .object({
    id: z.string().openapi({ example: "openai#2" }),
    state: z.enum(["ok", "refused"]),
    refused_for: z.enum(["authentication", "quota"]).nullable(),
    retry_at: at.openapi({ description: "When it is tried again; null for with the next call." }),
  })
  .openapi("ProviderCredential");

const deploymentSchema = z
  .object({
    model: z.string().openapi({ description: "Its name at the provider." }),
    credential: z.string(),
    attempts: z.int().openapi({ description: "Since the start of this process." }),
    failures: z.int().openapi({ description: "Of those, for trouble of the provider's." }),
    in_flight: z.int(),
    failure_share: share.openapi({ description: "Of late: it halves every 20 seconds." }),
    ttft_ms: z.object({ p50: z.number().nullable(), p90: z.number().nullable(), p95: z.number().nullable() }),
    tokens_per_second: z.object({ p50: z.number().nullable() }),
    measurements: z.int().openapi({ description: "How many stand behind the times, old ones in part." }),
    breaker: z.object({ state: z.enum(["closed", "open", "half_open"]), open_until: at }),
    paused_until: at.openapi({ description: "The provider has asked to be left alone until then." }),
    headroom: share.openapi({ description: "What is left of its rate limit; 1 where nobody says." }),
    cache_hits: share.openapi({ description: "What its cache held of what it was expected to hold." }),
    last_used_at: timestamp,
    last_answer_at: at,
  })
  .openapi("ProviderDeployment");

export const providerSchema = z
  .object({
    id: z.string(),
    object: z.literal("provider"),
    name: z.string(),
    dialects: z
      .array(z.string())
      .openapi({ description: "Those it is spoken to in for chat, the preferred one first." }),
    endpoints: z.array(z.string()).openapi({ example: ["chat", "embeddings"] }),
    base_url: z.string().nullable().openapi({ description: "Null for one that lives in the gateway." }),
    data_policy: z.object({ collects: z.boolean().nullable(), retains: z.boolean().nullable() }),
    credentials: z.array(credentialSchema),
    deployments: z.array(deploymentSchema).openapi({ description: "Those that were used, the last used first." }),
    more_deployments: z.int().openapi({ description: "How many were used beside these." }),
  })
  .openapi("Provider");

export type ProviderView = z.output<typeof providerSchema>;

export interface Viewing {
  readonly measures: Measures;
  readonly nowMs: number;
  /** At most so many deployments. */
  readonly deployments: number;
}

/** The views of all providers that can be called, by id. */
export function providerViews(connections: Iterable<Connection>, viewing: Viewing): readonly ProviderView[] {
  const used = usedDeployments(viewing.measures);
  const pools = Map.groupBy(connections, ({ provider }) => provider.id);
  return [...pools.values()].map((pool) => view(pool, used, viewing)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A deployment that was used, of one credential. */
interface Used {
  readonly model: string;
  readonly credential: string;
  readonly statistics: Statistics;
}

/** By the id of their connection. */
function usedDeployments(measures: Measures): ReadonlyMap<string, readonly Used[]> {
  const used = [...measures.deployments()].flatMap(([id, statistics]): Used[] => {
    const slash = id.indexOf("/");
    return statistics.attempts === 0
      ? []
      : [{ credential: id.slice(0, slash), model: id.slice(slash + 1), statistics }];
  });
  return Map.groupBy(used, ({ credential }) => credential);
}

function view(pool: readonly Connection[], used: ReadonlyMap<string, readonly Used[]>, viewing: Viewing): ProviderView {
  const [{ provider, baseUrl }] = pool as [Connection];
  const deployments = pool
    .flatMap(({ id }) => used.get(id) ?? [])
    .sort((a, b) => b.statistics.lastUsedAtMs - a.statistics.lastUsedAtMs);
  const shown = deployments.slice(0, viewing.deployments);
  return {
    id: provider.id,
    object: "provider",
    name: provider.name,
    dialects: provider.dialects.map(({ id }) => id),
    endpoints: [...(provider.dialects.length > 0 ? ["chat"] : []), ...Object.keys(provider.endpoints)],
    base_url: provider.local === null ? withoutIdentity(baseUrl) : null,
    data_policy: provider.dataPolicy,
    credentials: pool.map((connection) => credentialView(connection, viewing)),
    deployments: shown.map((one) => deploymentView(one, viewing.nowMs)),
    more_deployments: deployments.length - shown.length,
  };
}

function credentialView(connection: Connection, { measures, nowMs }: Viewing): z.output<typeof credentialSchema> {
  const { trouble, pausedUntilMs } = measures.ofCredential(connection);
  return {
    id: connection.id,
    state: trouble === null ? "ok" : "refused",
    refused_for: trouble,
    retry_at: trouble === null ? null : later(pausedUntilMs, nowMs),
  };
}

function deploymentView({ model, credential, statistics }: Used, nowMs: number): z.output<typeof deploymentSchema> {
  const { timing, breaker, headroom } = statistics;
  const perToken = timing.msPerToken;
  return {
    model,
    credential,
    attempts: statistics.attempts,
    failures: statistics.failures,
    in_flight: statistics.inFlight,
    failure_share: rounded(statistics.failureShare(nowMs), 3),
    ttft_ms: {
      p50: roundedOrNull(timing.ttftMs),
      p90: roundedOrNull(timing.ttftQuantile(0.9)),
      p95: roundedOrNull(timing.ttftQuantile(0.95)),
    },
    tokens_per_second: { p50: roundedOrNull(perToken === null ? null : 1000 / perToken) },
    measurements: Math.round(timing.measurements(nowMs)),
    breaker: { state: breaker.state(nowMs), open_until: later(breaker.openUntilMs ?? 0, nowMs) },
    paused_until: later(headroom.pausedUntilMs, nowMs),
    headroom: rounded(headroom.left(nowMs), 3),
    cache_hits: rounded(statistics.cacheHits, 3),
    last_used_at: new Date(statistics.lastUsedAtMs).toISOString(),
    last_answer_at: later(statistics.lastContentAtMs, 0),
  };
}

/** Some give a password in it, and some a key. */
function withoutIdentity(baseUrl: string): string {
  const url = new URL(baseUrl);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function later(atMs: number, nowMs: number): string | null {
  return atMs > nowMs ? new Date(atMs).toISOString() : null;
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value, 1);
}
