// Checks of a call against the policies of its scopes: each must allow it. What is refused here costs nobody anything.
import { GatewayError } from "../errors.ts";
import { type Addresses, addresses } from "./addresses.ts";
import { withinHours } from "./hours.ts";
import { matchesAny } from "./pattern.ts";
import type { Policy, Rule, Scope } from "./policy.ts";

/** Who calls, and whence. */
export interface CallerFacts {
  /** Null where the runtime does not know. */
  readonly address: string | null;
  readonly origin: string | null;
  readonly referer: string | null;
  readonly nowMs: number;
}

const compiledIp = new WeakMap<Policy, Addresses>();

/** @throws GatewayError `ip_not_allowed`, `origin_not_allowed`, `outside_hours`. */
export function checkCaller(scopes: readonly Scope[], caller: CallerFacts): void {
  for (const { policy } of scopes) {
    if (!ipOf(policy).allows(caller.address)) {
      throw new GatewayError(
        "ip_not_allowed",
        "This key may not be used from your address. Its policy lists those it may.",
      );
    }
    if (policy.origins !== null && !originAllowed(policy.origins, caller)) {
      throw new GatewayError(
        "origin_not_allowed",
        "This key may be used in browsers only, on the pages that its policy lists.",
      );
    }
    if (policy.hours !== null && !withinHours(policy.hours, caller.nowMs)) {
      throw new GatewayError(
        "outside_hours",
        `This key may not be used at this time of day (${policy.hours.timeZone}).`,
      );
    }
  }
}

/** What a call asks, as far as policies go. */
export interface CallFacts {
  readonly operation: string;
  readonly inputTokens: number;
  /** Null when the request does not say. */
  readonly maxOutputTokens: number | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws GatewayError `endpoint_not_allowed`, `missing_metadata`, `too_many_tokens`. */
export function checkCall(scopes: readonly Scope[], call: CallFacts): void {
  for (const { policy } of scopes) {
    if (!allows(policy.endpoints, call.operation)) {
      throw new GatewayError("endpoint_not_allowed", `This key may not be used for ${call.operation}.`);
    }
    const missing = policy.requiredMetadata.find((name) => !Object.hasOwn(call.metadata, name));
    if (missing !== undefined) {
      throw new GatewayError("missing_metadata", `This key's requests must say \`metadata.${missing}\`.`, {
        param: `metadata.${missing}`,
      });
    }
    if (policy.maxInputTokens !== null && call.inputTokens > policy.maxInputTokens) {
      throw new GatewayError(
        "too_many_tokens",
        `This key's prompts may have ${policy.maxInputTokens} tokens; this one has some ${Math.ceil(call.inputTokens)}.`,
      );
    }
    if (policy.maxOutputTokens !== null && (call.maxOutputTokens ?? 0) > policy.maxOutputTokens) {
      throw new GatewayError(
        "too_many_tokens",
        `This key's answers may have ${policy.maxOutputTokens} tokens. Ask for no more.`,
        { param: "max_tokens" },
      );
    }
  }
}

/** The most tokens that an answer may have by these policies; null where none says. */
export function outputLimit(scopes: readonly Scope[]): number | null {
  let least: number | null = null;
  for (const { policy } of scopes) {
    if (policy.maxOutputTokens !== null) least = Math.min(least ?? Infinity, policy.maxOutputTokens);
  }
  return least;
}

/** What a deployment is called, for policies. */
export interface DeploymentNames {
  /** As the caller wrote it, or the alias that it wrote. */
  readonly requested: string;
  readonly canonical: string | null;
  readonly provider: string;
  readonly model: string;
}

/**
 * Whether a call may be sent to a deployment. A model is allowed by any of its names: as it was asked for, by its canonical id,
 * and as its provider has it; and denied by any of them.
 */
export function deploymentRefused(scopes: readonly Scope[], names: DeploymentNames): "model" | "provider" | null {
  for (const { policy } of scopes) {
    if (!allows(policy.providers, names.provider)) return "provider";
    const { allow, deny } = policy.models;
    if (deny.length > 0 && anyMatches(deny, names)) return "model";
    if (allow !== null && !anyMatches(allow, names)) return "model";
  }
  return null;
}

/** Whether a model is meant by any of its names. */
function anyMatches(patterns: readonly string[], { requested, canonical, provider, model }: DeploymentNames): boolean {
  return (
    matchesAny(patterns, requested) ||
    (canonical !== null && matchesAny(patterns, canonical)) ||
    matchesAny(patterns, `${provider}/${model}`)
  );
}

function allows({ allow, deny }: Rule, name: string): boolean {
  return (allow === null || matchesAny(allow, name)) && !matchesAny(deny, name);
}

function ipOf(policy: Policy): Addresses {
  let compiled = compiledIp.get(policy);
  if (compiled === undefined) {
    compiled = addresses(policy.ip);
    compiledIp.set(policy, compiled);
  }
  return compiled;
}

/** A browser says its page's origin, or at least where it comes from; who says neither is no browser. */
function originAllowed(allowed: readonly string[], { origin, referer }: CallerFacts): boolean {
  const said = origin ?? (referer !== null && URL.canParse(referer) ? new URL(referer).origin : null);
  return said !== null && said !== "null" && matchesAny(allowed, said);
}
