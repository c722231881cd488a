// The store as the rooms above see it: whole operations, each one atomic, none of them a query language.
// D1 has no interactive transactions, so an operation must be expressible as a fixed list of statements.
import type { ModelDeclaration } from "../../providers/catalog/declared.ts";
import type { PolicyJson } from "./policy.ts";
import type { AdminScope, AdminStore, ChallengeStore, FactorStore, RoleStore, SessionStore } from "./port-admins.ts";
import type { AuditStore } from "./port-audit.ts";
import type { CallStore } from "./port-calls.ts";
import type { CredentialStore, KeyringStore } from "./port-credentials.ts";
import type { LedgerStore } from "./port-ledger.ts";
import type { CustomerLevel, CustomerStore, Level, ProjectStore, TemplateStore } from "./port-levels.ts";
import type { MovementStore } from "./port-movements.ts";
import type { AlertStore, SnapshotStore } from "./port-operations.ts";
import type { PromptLogStore } from "./port-prompts.ts";
import type { NetworkStore, RefusalStore } from "./port-refusals.ts";
import type { ResponseStore } from "./port-responses.ts";
import type { RollupStore } from "./port-rollups.ts";
import type { RuleLevel, RuleStore } from "./port-rules.ts";
import type { WebhookStore } from "./port-webhooks.ts";

export type {
  AttemptReason,
  AttemptRecord,
  CallOutcome,
  CallRecord,
  CallStore,
  OpenCall,
  PlannedDeployment,
  Settlement,
} from "./port-calls.ts";
export type { UsageGroup, UsageQuery, UsageRow } from "./port-usage.ts";

export type KeyEnvironment = "live" | "test" | "dev";
export type KeyStatus = "active" | "suspended" | "revoked";

/** A customer's key: a stable identity that outlives its secrets. */
export interface KeyRecord {
  /** `key_…` */
  readonly id: string;
  readonly name: string;
  readonly customer: string;
  readonly project: string;
  readonly environment: KeyEnvironment;
  /** What may be shown of the secret: `tp_live_Ab12…x9Yz`. */
  readonly hint: string;
  readonly status: KeyStatus;
  /** Free facts of the operator; strings only. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly policy: PolicyJson;
  /** Null: it is rotated when somebody asks for it. */
  readonly rotation: RotationPolicy | null;
  /** Days without use after which it is refused; null for never. */
  readonly idleDays: number | null;
  /** When its present secret was made, where that was not with the key. */
  readonly rotatedAtMs: number | null;
}

/** How often a key's secret is to be replaced, and how long the old one works beside the new one. */
export interface RotationPolicy {
  readonly everyDays: number;
  readonly overlapHours: number;
  /** Hours without use of the old secret after which the overlap ends early; absent for never. */
  readonly quietHours?: number;
}

/** One secret of a key. Only its keyed digest is stored. */
export interface KeySecretRecord {
  /** HMAC-SHA-256 of the whole secret under the installation's pepper, hex. */
  readonly digest: string;
  readonly keyId: string;
  readonly createdAtMs: number;
  /** After this the secret no longer works (rotation overlap); null while it is the current one. */
  readonly expiresAtMs: number | null;
  /** What may be shown of it; null for secrets of earlier versions, whose hint is the key's. */
  readonly hint: string | null;
  readonly lastUsedAtMs: number | null;
}

export interface KeyWithSecret {
  readonly key: KeyRecord;
  readonly secret: KeySecretRecord;
}

/** A key as it is admitted: with what its customer and its project say of it, where they say anything. */
export interface KeyEntry extends KeyWithSecret {
  readonly customer: CustomerLevel | null;
  readonly project: Level | null;
  /** Of a key that a rule gave for a workload's token. */
  readonly rule?: RuleLevel;
}

export interface Page<T> {
  readonly data: readonly T[];
  /** Pass it as `cursor` for the next page; null at the end. */
  readonly nextCursor: string | null;
}

export interface KeyQuery {
  /** Only keys of these customers and projects. */
  readonly within?: AdminScope;
  readonly customer?: string;
  readonly project?: string;
  readonly status?: KeyStatus;
  readonly environment?: KeyEnvironment;
  /** A part of the name or of the hint, in any case. */
  readonly search?: string;
  /** All of these in the key's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only keys whose rotation was due at this time. */
  readonly rotationDueAtMs?: number;
  /** Only keys of which an old secret works beyond this time. */
  readonly overlapAtMs?: number;
  /** Only keys that were not used since this time. */
  readonly unusedSinceMs?: number;
  /** Only keys that expire before this time. */
  readonly expiresBeforeMs?: number;
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** What may be changed of a key. Absent members stay. */
export interface KeyChanges {
  readonly name?: string;
  readonly status?: "active" | "suspended";
  readonly metadata?: Readonly<Record<string, string>>;
  readonly policy?: PolicyJson;
  readonly rotation?: RotationPolicy | null;
  readonly idleDays?: number | null;
  readonly expiresAtMs?: number | null;
}

export interface LastUse {
  readonly keyId: string;
  readonly atMs: number;
}

export interface KeyStore {
  create(entry: KeyWithSecret): Promise<void>;
  get(id: string): Promise<KeyRecord | null>;
  findByDigest(digest: string): Promise<KeyEntry | null>;
  list(query: KeyQuery): Promise<Page<KeyRecord>>;
  /** Marks a key revoked; false when there is no such key. Revoking twice keeps the first time. */
  revoke(id: string, atMs: number): Promise<boolean>;
  /** Changes what is given of a key that is not revoked; false when there is no such key. */
  update(id: string, changes: KeyChanges): Promise<boolean>;
  /**
   * Gives a key a new secret. Those it has work until `oldExpiresAtMs` at the longest. False when there is no such key, or it
   * is revoked.
   */
  rotate(id: string, secret: KeySecretRecord, oldExpiresAtMs: number): Promise<boolean>;
  /** Ends what is left of overlaps: every secret of the key but its newest stops working. */
  endOverlap(id: string, atMs: number): Promise<void>;
  /** The secrets of a key, newest first. */
  secrets(id: string): Promise<readonly KeySecretRecord[]>;
  /** Removes a key and its secrets; its calls stay in the ledger. False when there is no such key. */
  remove(id: string): Promise<boolean>;
  /** Writes when secrets, and with them their keys, were last used; later times win. */
  touch(lastUsed: ReadonlyMap<string, LastUse>): Promise<void>;
  /** A number that grows whenever any key changes, in this process or another one. */
  epoch(): Promise<number>;
  /** Ids of the keys that have changed after this epoch; null when any may have, because one was removed. */
  changedSince(epoch: number): Promise<readonly string[] | null>;
}

/** Answers to POSTs that carried an `Idempotency-Key`, so that a retry gets the same answer. */
export interface IdempotencyStore {
  /** Null when this key is new (and is now claimed); the stored answer, or `pending` while the first try runs. */
  claim(scope: string, key: string, requestHash: string, nowMs: number): Promise<IdempotencyClaim>;
  complete(scope: string, key: string, status: number, body: string): Promise<void>;
  /** Gives the key free again after a failure. */
  release(scope: string, key: string): Promise<void>;
}

export type IdempotencyClaim =
  | { readonly kind: "new" }
  | { readonly kind: "pending" }
  | { readonly kind: "mismatch" }
  | { readonly kind: "done"; readonly status: number; readonly body: string };

/** Facts about the installation. */
export interface MetaStore {
  /** Writes the fact unless it stands already; resolves to what stands. */
  claim(name: string, value: string): Promise<string>;
  /** Null where nothing of this name stands. */
  get(name: string): Promise<string | null>;
}

/** A model, or a price of one, that the operator has declared. */
export interface ModelRecord {
  readonly id: string;
  readonly declaration: ModelDeclaration;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ModelStore {
  get(id: string): Promise<ModelRecord | null>;
  /** Writes the declaration, instead of an earlier one of the same model; resolves to what stands. */
  put(declaration: ModelDeclaration, atMs: number): Promise<ModelRecord>;
  /** False when nothing is declared under this id. */
  remove(id: string): Promise<boolean>;
  /** All of them, by id. */
  list(): Promise<readonly ModelRecord[]>;
}

/** An alias as `/admin/v1/aliases` takes it, without its name. The store keeps it as it was written and checks nothing of it. */
export type AliasDefinition = Readonly<Record<string, unknown>>;

export interface AliasRecord {
  readonly name: string;
  readonly definition: AliasDefinition;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface AliasStore {
  get(name: string): Promise<AliasRecord | null>;
  /** Writes the alias, instead of an earlier one of the same name; resolves to what stands. */
  put(name: string, definition: AliasDefinition, atMs: number): Promise<AliasRecord>;
  /** False when there is no alias of this name. */
  remove(name: string): Promise<boolean>;
  /** All of them, by name. */
  list(): Promise<readonly AliasRecord[]>;
  /** A number that grows whenever any alias changes, in this process or another one. */
  epoch(): Promise<number>;
}

export interface Store {
  readonly keys: KeyStore;
  readonly admins: AdminStore;
  readonly roles: RoleStore;
  readonly sessions: SessionStore;
  readonly challenges: ChallengeStore;
  readonly factors: FactorStore;
  readonly calls: CallStore;
  readonly idempotency: IdempotencyStore;
  readonly meta: MetaStore;
  readonly models: ModelStore;
  readonly aliases: AliasStore;
  readonly customers: CustomerStore;
  readonly projects: ProjectStore;
  readonly ledger: LedgerStore;
  readonly templates: TemplateStore;
  readonly snapshots: SnapshotStore;
  readonly alerts: AlertStore;
  readonly responses: ResponseStore;
  readonly rules: RuleStore;
  readonly prompts: PromptLogStore;
  readonly rollups: RollupStore;
  readonly audit: AuditStore;
  readonly credentials: CredentialStore;
  readonly keyring: KeyringStore;
  readonly webhooks: WebhookStore;
  readonly refusals: RefusalStore;
  readonly networks: NetworkStore;
  readonly movements: MovementStore;
  /** Resolves when the database answers; rejects with what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
