// What the store keeps of workload identity, as the rooms above see it: rules, and the keys that they gave out.
import type { PolicyJson } from "./policy.ts";
import type { KeyEnvironment, KeyWithSecret } from "./port.ts";
import type { LevelStatus } from "./port-levels.ts";

/** What a rule asks of a token, and what it gives for it. */
export interface RuleTerms {
  /** `aud` must be one of these, exactly. */
  readonly audiences: readonly string[];
  /** Patterns of `sub`, one of which must match; null asks nothing of it. */
  readonly subjects: readonly string[] | null;
  /** Patterns by claim (a name, or a JSON pointer of RFC 6901); of each claim one must match. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
  /** The issuer's public keys, where it can't be asked (RFC 7517). */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null;
  /** PEM certificates that the issuer's TLS certificate is checked against, instead of the machine's. */
  readonly ca: string | null;
  /** How long ago a token may have been issued, seconds. */
  readonly maxTokenAgeS: number;
  /** Whether each token is taken once. */
  readonly once: boolean;
  readonly customer: string;
  readonly project: string;
  readonly environment: KeyEnvironment;
  /** How long a key lives, seconds. */
  readonly ttlS: number;
  /** Whether a key may live longer than its token. */
  readonly outlivesToken: boolean;
  /** The key's name, with `{claim}` for claims. */
  readonly keyName: string;
  /** Claims that are written into the key's metadata beside those that were asked for. */
  readonly keep: readonly string[];
  /** How many of its keys may live at a time. */
  readonly maxKeys: number;
  /** Whether the token itself is taken as a bearer on customers' endpoints. */
  readonly direct: boolean;
}

export interface RuleRecord {
  /** `rule_…` */
  readonly id: string;
  readonly name: string;
  /** `iss`, exactly. */
  readonly issuer: string;
  /** While it is suspended, it gives nothing and its keys are refused. */
  readonly status: LevelStatus;
  readonly terms: RuleTerms;
  /** What all of its keys together must keep to. */
  readonly policy: PolicyJson;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type RuleChanges = Partial<Pick<RuleRecord, "name" | "status" | "terms" | "policy">>;

/** What a rule says of the keys that it gave out. */
export interface RuleLevel {
  readonly id: string;
  readonly status: LevelStatus;
  readonly policy: PolicyJson;
}

/** `full`: so many of its keys live already, or it gives nothing any more. `taken`: there is a key of this secret. */
export type Issued = "issued" | "full" | "taken";

export interface RuleStore {
  create(rule: RuleRecord): Promise<void>;
  get(id: string): Promise<RuleRecord | null>;
  /** All of them, oldest first. */
  list(): Promise<readonly RuleRecord[]>;
  /** Those in force for tokens of this issuer, oldest first. */
  ofIssuer(issuer: string): Promise<readonly RuleRecord[]>;
  /** Resolves to what stands; null when there is none. */
  update(id: string, changes: RuleChanges, atMs: number): Promise<RuleRecord | null>;
  /** Its keys are refused from now on, or live on to their ends under what it said last. False when there is none. */
  remove(id: string, atMs: number, options: { readonly revokeKeys: boolean }): Promise<boolean>;
  /** Stores a key that the rule gives, unless it has given so many that live. */
  issue(
    entry: KeyWithSecret & { readonly ruleId: string; readonly expiresAtMs: number },
    most: number,
  ): Promise<Issued>;
  /** How many keys of each rule live. */
  liveKeys(nowMs: number): Promise<ReadonlyMap<string, number>>;
  /** False when this token was spent before. */
  spend(tokenId: string, expiresAtMs: number): Promise<boolean>;
  /** Removes at most so many keys that expired 30 days ago, and what nothing needs any more; resolves to how many keys those were. */
  sweep(nowMs: number, most: number): Promise<number>;
}
