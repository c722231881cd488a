// What stored policies compile to.

import type { BudgetJson, LimitJson, PolicyJson } from "../store/policy.ts";
import { isTimeZone } from "./hours.ts";
import {
  type Budget,
  type Day,
  type Hours,
  type Limit,
  noPolicy,
  type Policy,
  type PromptLogging,
  type Rule,
} from "./policy.ts";

const week: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Compiles what the admin API has accepted; a stored policy that says nothing is `noPolicy` itself. */
export function compilePolicy(json: PolicyJson): Policy {
  if (Object.keys(json).length === 0) return noPolicy;
  const budgets = json.budget === null || json.budget === undefined ? [] : [json.budget].flat();
  return {
    models: rule(json.models, json.models_deny),
    providers: rule(json.providers, json.providers_deny),
    endpoints: rule(json.endpoints, json.endpoints_deny),
    ip: rule(json.ip_allow, json.ip_deny),
    origins: json.origins ?? null,
    hours: hoursOf(json.hours),
    maxInputTokens: json.max_input_tokens ?? null,
    maxOutputTokens: json.max_output_tokens ?? null,
    requiredMetadata: json.required_metadata ?? [],
    denyDataCollection: json.data_collection === "deny",
    zeroDataRetention: json.zdr === true,
    promptLogging: promptLoggingOf(json.prompt_logging),
    limits: (json.limits ?? []).flatMap(limitsOf),
    maxConcurrency: json.max_concurrency ?? null,
    budgets: budgets.map(budgetOf),
  };
}

/** Nanodollars of a decimal of USD; null for what is none, is negative, or has more than 9 places. */
export function parseUsd(text: string): bigint | null {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  return match === null ? null : BigInt((match[1] ?? "0") + (match[2] ?? "").padEnd(9, "0"));
}

/** Minutes after midnight of `HH:MM`, up to `24:00`; null for what is none. */
export function parseTime(text: string): number | null {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  const minutes = match === null ? Number.NaN : 60 * Number(match[1]) + Number(match[2]);
  return minutes <= 24 * 60 && Number(match?.[2]) < 60 ? minutes : null;
}

function rule(allow: readonly string[] | null | undefined, deny: readonly string[] | undefined): Rule {
  return { allow: allow ?? null, deny: deny ?? [] };
}

function hoursOf(json: PolicyJson["hours"]): Hours | null {
  if (json === null || json === undefined) return null;
  const [fromMinute, toMinute] = [parseTime(json.from), parseTime(json.to)];
  if (fromMinute === null || toMinute === null || !isTimeZone(json.time_zone)) {
    throw new Error("hours that can't be read were stored");
  }
  return { timeZone: json.time_zone, days: json.days ?? week, fromMinute, toMinute };
}

function promptLoggingOf(json: PolicyJson["prompt_logging"]): PromptLogging | null {
  if (json === null || json === undefined) return null;
  const { retention_days: retentionDays = 30, sample = 1, redact = "secrets" } = json;
  return { retentionDays, sample, redact };
}

/** `{requests, tokens, per}` is two limits. */
function limitsOf({ requests, tokens, per, models }: LimitJson): Limit[] {
  const amounts = { requests, tokens };
  return (["requests", "tokens"] as const).flatMap((unit) => {
    const amount = amounts[unit];
    return amount === undefined ? [] : [{ unit, amount, per, models: models ?? null }];
  });
}

function budgetOf({ usd, per, alert_at, hard }: BudgetJson): Budget {
  const nanos = parseUsd(usd);
  if (nanos === null) throw new Error("a budget that can't be read was stored");
  return {
    nanos,
    per: per ?? "total",
    alertAt: (alert_at ?? [50, 80, 100]).toSorted((a, b) => a - b),
    hard: hard ?? true,
  };
}
