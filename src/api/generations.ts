// GET /v1/generations/{id}: one call afterwards, for the customer that made it.
import type { Context } from "hono";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { GatewayError } from "../errors.ts";
import type { CallRecord, Settlement } from "../store/port.ts";
import { formatUsd } from "../usage/price.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiDeps } from "./deps.ts";

export function getGeneration(deps: ApiDeps): (c: Context) => Promise<Response> {
  return async (c) => {
    const { key } = await authenticate(c, deps);
    const id = c.req.param("id") ?? "";
    const call = await deps.store.calls.get(id);
    // Another customer's call and no call at all look the same.
    if (call === null || call.customer !== key.customer) {
      throw new GatewayError("not_found", "There is no such call. Its id is the `x-request-id` of its answer.");
    }
    return c.json(view(call));
  };
}

function view(call: CallRecord): Record<string, unknown> {
  const settled = call.settlement;
  return {
    id: call.id,
    object: "generation",
    status: settled === null ? "running" : settled.outcome,
    created_at: new Date(call.openedAtMs).toISOString(),
    key_id: call.keyId,
    project: call.project,
    operation: call.operation,
    dialect: call.dialect,
    requested_model: call.requestedModel,
    stream: call.stream,
    provider: settled?.provider ?? null,
    model: settled?.model ?? null,
    canonical_model: settled?.canonicalModel ?? null,
    http_status: settled?.httpStatus ?? null,
    error_code: settled?.errorCode ?? null,
    finish_reason: settled?.finishReason ?? null,
    usage: settled?.usage ? usageView(settled.usage) : null,
    cost_usd: settled === null || settled.costNanos === null ? null : formatUsd(settled.costNanos),
    ttft_ms: settled?.ttftMs ?? null,
    duration_ms: settled?.durationMs ?? null,
    attempts: settled === null ? [] : attemptViews(settled),
  };
}

/** Every attempt, in order. Which of a provider's credentials was used is the operator's business. */
function attemptViews(settled: Settlement): readonly Record<string, unknown>[] {
  const { attempts, provider, model } = settled;
  const answering = attempts.findLast(
    (one) => provider !== null && one.provider === provider && one.model === model && one.result !== "outrun",
  );
  const beside = attempts.reduce((sum, one) => sum + BigInt(one.costNanos ?? 0), 0n);
  return attempts.map((attempt) => {
    const cost = attempt === answering ? minus(settled.costNanos, beside) : BigInt(attempt.costNanos ?? 0);
    return {
      provider: attempt.provider,
      model: attempt.model,
      reason: attempt.reason ?? null,
      result: attempt.result,
      status: attempt.status,
      started_at: new Date(attempt.startedAtMs).toISOString(),
      waited_ms: attempt.waitedMs ?? 0,
      duration_ms: attempt.durationMs,
      ttft_ms: attempt.ttftMs,
      cost_usd: cost === null ? null : formatUsd(cost),
    };
  });
}

function minus(cost: bigint | null, part: bigint): bigint | null {
  return cost === null ? null : cost - part;
}

function usageView(usage: Usage): Record<string, unknown> {
  return {
    input_tokens: totalInput(usage),
    cached_input_tokens: usage.cachedInputTokens ?? null,
    cache_write_tokens: sumOrNull(usage.cacheWriteTokens, usage.cacheWrite1hTokens),
    input_audio_tokens: usage.inputAudioTokens ?? null,
    output_tokens: totalOutput(usage),
    reasoning_tokens: usage.reasoningTokens ?? null,
    output_audio_tokens: usage.outputAudioTokens ?? null,
    images: usage.images ?? null,
    audio_seconds: usage.audioSeconds ?? null,
    characters: usage.characters ?? null,
    queries: usage.queries ?? null,
    web_searches: usage.webSearches ?? null,
    estimated: usage.estimated ?? false,
  };
}

function sumOrNull(a: number | undefined, b: number | undefined): number | null {
  return a === undefined && b === undefined ? null : (a ?? 0) + (b ?? 0);
}
