// Policies as they are written and stored: the shape of the admin API (docs/interface.md, "keys").

export type Per = "second" | "minute" | "hour" | "day";
export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export type BudgetPeriod = "total" | "day" | "week" | "month";

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
  readonly prompt_logging?: PromptLoggingJson | null | undefined;
  readonly limits?: readonly LimitJson[] | undefined;
  readonly max_concurrency?: number | null | undefined;
  readonly budget?: BudgetJson | readonly BudgetJson[] | null | undefined;
}

/** Whether prompts and answers are logged. */
export interface PromptLoggingJson {
  readonly retention_days?: number | undefined;
  /** The share of calls, 0 to 1. */
  readonly sample?: number | undefined;
  readonly redact?: "none" | "secrets" | "personal" | undefined;
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
