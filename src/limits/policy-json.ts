// Policies as they are written and stored (INTERFACE, "POST /admin/v1/keys"), and what they compile to.
import { isTimeZone } from "./hours.ts";
import {
  type Budget,
  type BudgetPeriod,
  type Day,
  type Hours,
  type Limit,
  noPolicy,
  type Per,
  type Policy,
  type Rule,
} from "./policy.ts";

/** As in the admin API. Absent and null say nothing. */
export interface PolicyJson {
  readonly models?: readonly string[] | null | undefined;
  readonly models_deny?: readonly string[] | undefined;
  readonly providers?: readonly string[] | null | undefined;
  readonly providers_deny?: readonly string[] | undefined;
  readonly endpoints?: readonly string[] | null | undefined;
  readonly endpoints_deny?: readonly string[] | undefined;
  readonly ip_allow?: readonly string[] | null | undefined;
  readonly ip_deny?: readonly string[] | undefined;
  readonly origins?: readonly string[] | null | undefined;
  readonly hours?:
    | {
        readonly time_zone: string;
        readonly days?: readonly Day[] | undefined;
        readonly from: string;
        readonly to: string;
      }
    | null
    | undefined;
  readonly max_input_tokens?: number | null | undefined;
  readonly max_output_tokens?: number | null | undefined;
  readonly required_metadata?: readonly string[] | undefined;
  readonly data_collection?: "allow" | "deny" | undefined;
  readonly zdr?: boolean | undefined;
  readonly limits?: readonly LimitJson[] | undefined;
  readonly max_concurrency?: number | null | undefined;
  readonly budget?: BudgetJson | readonly BudgetJson[] | null | undefined;
}

export interface LimitJson {
  readonly requests?: number | undefined;
  readonly tokens?: number | undefined;
  readonly per: Per;
  readonly models?: readonly string[] | undefined;
}

export interface BudgetJson {
  /** A decimal of USD with at most 9 places. */
  readonly usd: string;
  readonly per?: BudgetPeriod | undefined;
  readonly alert_at?: readonly number[] | undefined;
  readonly hard?: boolean | undefined;
}

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
