// Policy: what a key, a project or a customer may do. Every level's policy must allow a call; none can widen another one's.
import type { BudgetPeriod, Day, Per } from "../store/policy.ts";
import type { Percent } from "./charge.ts";

export type { BudgetPeriod, Day, Per };

/** What is allowed and what is not, by patterns; a deny always wins. */
export interface Rule {
  /** Null allows everything that is not denied. */
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[];
}

/** So many requests or tokens in any window of this length. */
export interface Limit {
  readonly unit: "requests" | "tokens";
  readonly amount: number;
  readonly per: Per;
  /** Only for models that match, each of them counted together; null for all. */
  readonly models: readonly string[] | null;
}

/** So much money in a calendar period (UTC), or ever. */
export interface Budget {
  readonly nanos: bigint;
  readonly per: BudgetPeriod;
  /** Percent of it at which somebody is told, ascending. */
  readonly alertAt: readonly number[];
  /** Whether a call that may exceed it is refused; else it is only told. */
  readonly hard: boolean;
  /** Whether it is credit that was paid for in advance. */
  readonly prepaid?: true;
}

/** When calls are allowed. `from` after `to` passes midnight. */
export interface Hours {
  /** IANA name. */
  readonly timeZone: string;
  /** Days on which a span begins. */
  readonly days: readonly Day[];
  /** Minutes after midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** That prompts and answers are logged, encrypted, and for how long. */
export interface PromptLogging {
  readonly retentionDays: number;
  /** The share of calls, 0 to 1. */
  readonly sample: number;
  /** What is taken out of them before. */
  readonly redact: "none" | "secrets" | "personal";
}

export interface Policy {
  readonly models: Rule;
  readonly providers: Rule;
  /** `chat`, `embeddings`, … */
  readonly endpoints: Rule;
  /** Addresses and CIDR ranges. */
  readonly ip: Rule;
  /** Origins of browsers that may use the key; null: it is no browser's key, and origins are not asked. */
  readonly origins: readonly string[] | null;
  readonly hours: Hours | null;
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Members that a request's `metadata` must have. */
  readonly requiredMetadata: readonly string[];
  readonly denyDataCollection: boolean;
  readonly zeroDataRetention: boolean;
  /** Null says nothing of it. */
  readonly promptLogging: PromptLogging | null;
  readonly limits: readonly Limit[];
  readonly maxConcurrency: number | null;
  readonly budgets: readonly Budget[];
}

const anything: Rule = { allow: null, deny: [] };

/** Allows everything. */
export const noPolicy: Policy = {
  models: anything,
  providers: anything,
  endpoints: anything,
  ip: anything,
  origins: null,
  hours: null,
  maxInputTokens: null,
  maxOutputTokens: null,
  requiredMetadata: [],
  denyDataCollection: false,
  zeroDataRetention: false,
  promptLogging: null,
  limits: [],
  maxConcurrency: null,
  budgets: [],
};

/** One level at which a policy stands. */
export interface Scope {
  /** `key:key_…`, `project:acme/shop`, `customer:acme`: what is counted is counted by it. */
  readonly id: string;
  readonly policy: Policy;
  /** What its budgets are charged for what a call costs; absent: just that. */
  readonly percent?: Percent;
}

export const windowMs: Readonly<Record<Per, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
