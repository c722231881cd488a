// Filters: which deployments a call may not be sent to, and what the caller is told when none is left.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Provider } from "../../providers/define.ts";
import { GatewayError } from "../errors.ts";
import type { Ask, MaxPrice, Preferences } from "./ask.ts";
import type { Candidate } from "./candidates.ts";
import type { Deployment } from "./deployment.ts";

/** In the order in which they are applied: the one that removed the last candidate is the furthest. */
export const filters = [
  "model_policy",
  "provider_policy",
  "provider",
  "data_policy",
  "quantization",
  "max_price",
  "tools",
  "json_schema",
  "images",
  "documents",
  "audio",
  "video",
  "reasoning",
  "context",
  "secret",
  "credential",
  "credential_limit",
  "breaker",
] as const;

export type Filter = (typeof filters)[number];

/** A deployment that the call may not be sent to, and why. */
export interface Removed {
  readonly deployment: Deployment;
  readonly filter: Filter;
}

/** The tightest that a tokenizer packs text: fewer tokens than that a prompt does not have. */
const mostCharactersPerToken = 7;

/**
 * Why this candidate can't take the call; null when it can. What it must be able to do is asked only of models that the
 * caller did not pin to a provider: who pins knows better than the catalogue, and the provider has the last word.
 */
export function removedBy(
  { deployment, credential, statistics }: Candidate,
  { ask, requested, preferences, pinned, doubted, nowMs }: FilterContext,
): Filter | null {
  const forbidden = ask.refuses?.(requested, deployment) ?? null;
  if (forbidden !== null) return forbidden === "model" ? "model_policy" : "provider_policy";
  const refused = refusedProvider(deployment.connection.provider, preferences);
  if (refused !== null) return refused;
  const { facts } = deployment;
  if (preferences.quantizations !== null && !preferences.quantizations.includes(quantization(facts))) {
    return "quantization";
  }
  if (preferences.maxPrice !== null && dearer(facts, preferences.maxPrice)) return "max_price";
  if (!pinned && facts !== null) {
    const lacking = lacks(facts, ask);
    if (lacking !== null && !doubted?.(facts, lacking)) return lacking;
  }
  if (deployment.connection.source?.waiting?.() === true) return "secret";
  if (!credential.usable(nowMs)) return "credential";
  if (roomAtMs(deployment, nowMs) > nowMs) return "credential_limit";
  if (statistics.breaker.state(nowMs) === "open") return "breaker";
  return null;
}

/** When the limits of its credential let one more call through, epoch milliseconds; now or earlier where they do. */
export function roomAtMs({ connection: { terms } }: Deployment, nowMs: number): number {
  return terms?.room?.freeAtMs(nowMs) ?? nowMs;
}

/** Why a caller does not want a provider, whatever it serves; null when it may be called. */
export function refusedProvider({ id, dataPolicy }: Provider, preferences: Preferences): Filter | null {
  if (preferences.only !== null && !preferences.only.includes(id)) return "provider";
  if (preferences.ignore.includes(id)) return "provider";
  if (preferences.denyDataCollection && dataPolicy.collects !== false) return "data_policy";
  return preferences.zeroDataRetention && dataPolicy.retains !== false ? "data_policy" : null;
}

export interface FilterContext {
  readonly ask: Ask;
  /** The model as the caller wrote it. */
  readonly requested: string;
  /** The caller's, and the alias's with them. */
  readonly preferences: Preferences;
  readonly pinned: boolean;
  /** Whether what the catalogue says a model can't do is to be tried all the same; absent: it is believed. */
  readonly doubted?: (facts: ModelFacts, lacking: Filter) => boolean;
  readonly nowMs: number;
}

/** What a row must say for a model to be able, by the filter that would remove it. */
const claims: Partial<Record<Filter, (facts: ModelFacts) => boolean | undefined>> = {
  tools: ({ capabilities }) => capabilities.tools,
  json_schema: ({ capabilities }) => capabilities.jsonSchema,
  images: ({ capabilities, inputModalities }) => capabilities.vision || inputModalities.includes("image"),
  documents: ({ capabilities, inputModalities }) => capabilities.pdf || inputModalities.includes("pdf"),
  audio: ({ capabilities, inputModalities }) => capabilities.audio || inputModalities.includes("audio"),
  video: ({ inputModalities }) => inputModalities.includes("video"),
  reasoning: ({ capabilities }) => capabilities.reasoning,
};

/** Whether one of a model's rows says that it can what another one says it can't: the catalogue contradicts itself then. */
export function saidToBeAble(rows: readonly ModelFacts[], filter: Filter): boolean {
  return rows.some((row) => claims[filter]?.(row) === true);
}

function lacks(
  { capabilities, inputModalities, contextWindow, maxInputTokens }: ModelFacts,
  { peek }: Ask,
): Filter | null {
  if (peek === null) return null;
  if (peek.tools && capabilities.tools === false) return "tools";
  if (peek.jsonSchema && capabilities.jsonSchema === false && capabilities.tools === false) return "json_schema";
  const takes = (modality: ModelFacts["inputModalities"][number]): boolean =>
    inputModalities.length === 0 || inputModalities.includes(modality);
  if (peek.images && !takes("image") && capabilities.vision !== true) return "images";
  if (peek.documents && !takes("pdf") && !takes("image") && capabilities.pdf !== true) return "documents";
  if (peek.audio && !takes("audio") && capabilities.audio !== true) return "audio";
  if (peek.video && !takes("video")) return "video";
  if (peek.reasoning && capabilities.reasoning === false) return "reasoning";
  const least = peek.textLength / mostCharactersPerToken;
  if (contextWindow !== undefined && least + (peek.maxOutputTokens ?? 0) > contextWindow) return "context";
  if (maxInputTokens !== undefined && least > maxInputTokens) return "context";
  return null;
}

const formats = ["int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32"];

/** How its weights are stored, where the catalogue says so. */
function quantization(facts: ModelFacts | null): string {
  return facts?.variant.find((word) => formats.includes(word)) ?? "unknown";
}

/** A price that is not known can't be promised to be low enough. */
function dearer(facts: ModelFacts | null, most: MaxPrice): boolean {
  const over = (price: string | undefined, limit: number | undefined): boolean =>
    limit !== undefined && !(Number(price) <= limit);
  const prices = facts?.prices ?? undefined;
  const units = facts?.unitPrices ?? undefined;
  // What is not billed per request or image costs nothing there.
  const request = prices === undefined && units === undefined ? undefined : (units?.perQuery ?? "0");
  const image = prices === undefined && units === undefined ? undefined : (units?.perImage ?? "0");
  return (
    over(prices?.input, most.prompt) ||
    over(prices?.output, most.completion) ||
    over(request, most.request) ||
    over(image, most.image)
  );
}

/** What the caller is told when the filters leave nothing of a name: which one removed the last, and what to do. */
export function nothingLeft(
  name: string,
  removed: readonly Removed[],
  candidates: readonly Candidate[],
  nowMs: number,
): GatewayError {
  const last = filters.findLast((filter) => removed.some((one) => one.filter === filter)) ?? "provider";
  const providers = (of: readonly { readonly deployment: Deployment }[]): string =>
    [...new Set(of.map(({ deployment }) => deployment.connection.provider.id))].join(", ");
  const until = candidates.map(({ deployment, credential, statistics }) =>
    Math.max(credential.pausedUntilMs, statistics.breaker.openUntilMs ?? 0, roomAtMs(deployment, nowMs)),
  );
  const waitMs = Math.max(1_000, Math.min(...until) - nowMs);
  return explain(last, { name, providers: providers(removed), waitMs });
}

interface Lacking {
  readonly name: string;
  /** Those that were removed. */
  readonly providers: string;
  readonly waitMs: number;
}

function explain(filter: Filter, { name, providers, waitMs }: Lacking): GatewayError {
  const refuse = (message: string, param: string, status = 404): GatewayError =>
    new GatewayError("no_deployment_available", message, { param, status });
  const incapable = (what: string, advice: string): GatewayError =>
    refuse(`No deployment of \`${name}\` takes ${what} (served by ${providers}). ${advice}`, "model", 400);
  switch (filter) {
    case "model_policy":
      return new GatewayError(
        "model_not_allowed",
        `This key may not use \`${name}\`. GET /v1/models lists those it may.`,
        {
          param: "model",
        },
      );
    case "provider_policy":
      return new GatewayError(
        "provider_not_allowed",
        `This key may use no provider of \`${name}\` here (${providers}).`,
        {
          param: "model",
        },
      );
    case "provider":
      return refuse(
        `\`provider.only\` and \`provider.ignore\` leave no provider of \`${name}\`. It is served by: ${providers}.`,
        "provider",
      );
    case "quantization":
      return refuse(
        `No deployment of \`${name}\` is known to have one of \`provider.quantizations\`; those whose quantization nobody ` +
          'says are "unknown".',
        "provider.quantizations",
      );
    case "data_policy":
      return refuse(
        `No provider of \`${name}\` here (${providers}) is known to keep to \`provider.data_collection\` and \`provider.zdr\`. ` +
          "The operator can declare what providers do with data.",
        "provider",
      );
    case "max_price":
      return refuse(
        `No deployment of \`${name}\` is known to cost at most \`provider.max_price\`.`,
        "provider.max_price",
      );
    case "tools":
      return incapable("tools", "Leave `tools` out, or choose another model.");
    case "json_schema":
      return incapable("a JSON schema for its answer", "Ask for the format in words, or choose another model.");
    case "images":
    case "documents":
    case "audio":
    case "video":
      return incapable(filter, "Leave them out, or choose another model.");
    case "reasoning":
      return incapable("an instruction to reason", "Leave it out, or choose another model.");
    case "context":
      return new GatewayError(
        "context_length_exceeded",
        `The prompt and the most tokens of its answer do not fit the context of \`${name}\`. Shorten the prompt or ask for fewer tokens.`,
        { param: "model" },
      );
    case "secret":
      return new GatewayError(
        "no_deployment_available",
        `The secret of this gateway's credential for \`${name}\` (${providers}) can't be read from where it is kept. It is tried again.`,
        { retryAfterMs: waitMs },
      );
    case "credential":
      return new GatewayError(
        "upstream_error",
        `Every provider of \`${name}\` here (${providers}) refused this gateway's credential. The operator must check it.`,
        { status: 502, retryAfterMs: waitMs },
      );
    case "credential_limit":
      return new GatewayError(
        "rate_limit_exceeded",
        `The limits of this gateway's credentials for \`${name}\` (${providers}) are reached. Try again in ${Math.ceil(waitMs / 1000)} s.`,
        { retryAfterMs: waitMs },
      );
    case "breaker":
      return new GatewayError(
        "no_deployment_available",
        `Every deployment of \`${name}\` (${providers}) has failed lately. The next try is in ${Math.ceil(waitMs / 1000)} s.`,
        { retryAfterMs: waitMs },
      );
  }
}
