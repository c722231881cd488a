// What the store keeps of logged prompts and answers, as the rooms above see it. What they say is sealed.
import type { Page } from "./port.ts";
import type { AdminScope } from "./port-admins.ts";

export interface PromptLogRecord {
  /** `req_…`, the call's. */
  readonly id: string;
  readonly customer: string;
  readonly project: string;
  readonly keyId: string;
  readonly operation: string;
  /** As the call named it. */
  readonly model: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface PromptLogQuery {
  /** Only of these customers and projects. */
  readonly within?: AdminScope;
  readonly customer?: string;
  readonly project?: string;
  readonly keyId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface PromptLogStore {
  put(record: PromptLogRecord, sealed: Uint8Array): Promise<void>;
  /** Newest first, those of this moment that have not expired. */
  list(query: PromptLogQuery, nowMs: number): Promise<Page<PromptLogRecord>>;
  get(id: string, nowMs: number): Promise<{ readonly record: PromptLogRecord; readonly sealed: Uint8Array } | null>;
  remove(id: string): Promise<boolean>;
  /** Removes at most so many of those that have expired; resolves to how many those were. */
  sweep(nowMs: number, most: number): Promise<number>;
}
