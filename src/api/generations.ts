// GET /v1/generations/{id}: one call afterwards, for the customer that made it.
import type { Context } from "hono";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { GatewayError } from "../errors.ts";
import type { CallRecord } from "../store/port.ts";
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
    attempts: (settled?.attempts ?? []).map((attempt) => ({
      provider: attempt.provider,
      model: attempt.model,
      result: attempt.result,
      status: attempt.status,
      started_at: new Date(attempt.startedAtMs).toISOString(),
      duration_ms: attempt.durationMs,
      ttft_ms: attempt.ttftMs,
    })),
  };
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
