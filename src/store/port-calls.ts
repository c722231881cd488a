// Calls as the store keeps them: opened when they are admitted, settled once, and summed up as usage.
import type { Usage } from "../../providers/dialects/usage.ts";
import type { UsageQuery, UsageRow } from "./port-usage.ts";

/** A call that was admitted and is not settled yet: the durable record that recovery works from. */
export interface OpenCall {
  /** `req_…`: the call's id, the client's `x-request-id`, and the ledger's key. */
  readonly id: string;
  readonly keyId: string;
  readonly customer: string;
  readonly project: string;
  readonly operation: string;
  /** The client's dialect. */
  readonly dialect: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly openedAtMs: number;
  /** A cheap estimate, for recovery when nothing better is known. */
  readonly estimatedInputTokens: number;
  /** Whom the plan asks first, for recovery; of a call that is settled, the settlement says who served. */
  readonly planned?: PlannedDeployment;
}

export interface PlannedDeployment {
  readonly provider: string;
  readonly model: string;
  readonly canonicalModel: string | null;
}

/**
 * How a call ended. `completed`: answered in full. `client_gone`: the client left. `failed`: it was told an error.
 * `cut`: the provider broke off after content had been sent. `interrupted`: the gateway died; settled at the next start.
 */
export type CallOutcome = "completed" | "client_gone" | "failed" | "cut" | "interrupted";

/**
 * Why a deployment was tried: how it came to be the plan's first (see the router's reasons), after another one had failed,
 * once more after it had failed itself, or beside one that was slow.
 */
export type AttemptReason =
  | "best"
  | "shares_load"
  | "explores"
  | "probes"
  | "keeps_cache"
  | "caller_order"
  | "least_busy"
  | "stands_by"
  | "failover"
  | "retry"
  | "hedge";

/** One try at one deployment, for `GET /v1/generations/{id}`. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  /** `ok`, or the kind of failure. */
  readonly result: string;
  /** The provider's HTTP status; null when there was none. */
  readonly status: number | null;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly ttftMs: number | null;
  /** Absent in records of earlier versions. */
  readonly reason?: AttemptReason;
  /** Which credential of the provider's pool, where it was not the first. */
  readonly credential?: string;
  /** How long it was waited for before it was sent. */
  readonly waitedMs?: number;
  /** What it cost beside the one that answered, nanodollars as decimal digits. */
  readonly costNanos?: string;
}

/** The final word on a call. Exactly one per admitted call. */
export interface Settlement {
  readonly id: string;
  readonly outcome: CallOutcome;
  /** The HTTP status that the client was sent; null when it left before one. */
  readonly httpStatus: number | null;
  readonly errorCode: string | null;
  /** Who served it; null when nobody did. */
  readonly provider: string | null;
  readonly model: string | null;
  /** Canonical id of the model that served; null when unknown. */
  readonly canonicalModel: string | null;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  /** Nanodollars; null when the price is unknown, never 0 for unknown. */
  readonly costNanos: bigint | null;
  /** What the customer is charged for it, nanodollars; null or absent when that is not known. */
  readonly chargedNanos?: bigint | null;
  /** Whether that is taken from the customer's credits, in the same transaction. */
  readonly prepaid?: boolean;
  readonly attempts: readonly AttemptRecord[];
  readonly settledAtMs: number;
  readonly ttftMs: number | null;
  readonly durationMs: number;
}

export interface CallRecord extends OpenCall {
  /** Null while the call is open. */
  readonly settlement: Settlement | null;
}

export interface CallStore {
  /** Writes admissions and settlements in one transaction. Idempotent: a call id already settled stays as it is. */
  append(batch: { readonly opened: readonly OpenCall[]; readonly settled: readonly Settlement[] }): Promise<void>;
  /** Calls left open by a process that died: opened before `beforeMs`. */
  listOpen(beforeMs: number): Promise<readonly OpenCall[]>;
  get(id: string): Promise<CallRecord | null>;
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
}
