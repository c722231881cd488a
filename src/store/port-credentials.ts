// The vault as the rooms above the store see it: credentials, the sealed versions of their values, and the wrapped keys.

/** How much may be sent with a credential; absent members are not limited. */
export interface CredentialLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrency?: number;
}

/** What became of the last check at the provider. */
export interface CredentialTest {
  /** `ok`, or the kind of failure. */
  readonly result: string;
  readonly atMs: number;
}

export interface CredentialRecord {
  /** `cred_…` */
  readonly id: string;
  /** The provider's id. */
  readonly provider: string;
  readonly name: string;
  /** Whose own key it is; null for the installation's. */
  readonly customer: string | null;
  readonly enabled: boolean;
  /** Its share of the calls among equals, from 1 up. */
  readonly weight: number;
  /** Of one provider's credentials, those of the lowest number are tried first. */
  readonly priority: number;
  /** Patterns of models; null for all. */
  readonly models: readonly string[] | null;
  readonly limits: CredentialLimits;
  readonly baseUrl: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether a customer's calls may go on with the installation's credentials of the same provider. */
  readonly fallback: boolean;
  /** What a customer is charged for each 100 of cost at its own key. Exact decimal. */
  readonly feePercent: string;
  /** The version in force. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastTest: CredentialTest | null;
}

/** A value under a data key of its own, and that key under a key of the keyring. */
export interface Envelope {
  readonly kekId: string;
  readonly wrappedKey: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface CredentialVersion {
  readonly credentialId: string;
  /** From 1 up. */
  readonly version: number;
  /** Null when its value stands elsewhere, or was destroyed. */
  readonly envelope: Envelope | null;
  /** Where its value stands; null when it is kept here. */
  readonly reference: string | null;
  readonly fingerprint: string | null;
  readonly hint: string | null;
  readonly createdAtMs: number;
  /** When a replaced version is to be destroyed; null for the one in force. */
  readonly retiresAtMs: number | null;
  readonly destroyedAtMs: number | null;
}

/** What may be changed of a credential. Absent members stay. */
export type CredentialChanges = {
  readonly [Member in Exclude<keyof CredentialRecord, Fixed>]?: CredentialRecord[Member] | undefined;
};
type Fixed = "id" | "provider" | "customer" | "version" | "createdAtMs" | "updatedAtMs" | "lastTest";

export interface CredentialStore {
  create(credential: CredentialRecord, version: CredentialVersion): Promise<void>;
  get(id: string): Promise<CredentialRecord | null>;
  /** All of them, the oldest first. */
  list(): Promise<readonly CredentialRecord[]>;
  /** False when there is no such credential. */
  update(id: string, changes: CredentialChanges, atMs: number): Promise<boolean>;
  /** Puts a new version in force; the one before retires at `oldRetiresAtMs`. False when another version is in force by now. */
  rotate(version: CredentialVersion, oldRetiresAtMs: number): Promise<boolean>;
  /** Removes it with all its versions, whose bytes are overwritten. False when there is no such credential. */
  remove(id: string): Promise<boolean>;
  tested(id: string, test: CredentialTest): Promise<void>;
  /** The versions of one, newest first, destroyed ones included; of all when no id is given. */
  versions(id?: string): Promise<readonly CredentialVersion[]>;
  /** The credential in which this value is in force or still retiring; null when there is none. */
  findByFingerprint(fingerprint: string): Promise<readonly CredentialRecord[]>;
  /** Overwrites the values of versions that have retired. Resolves to how many there were. */
  destroyRetired(nowMs: number): Promise<number>;
  /** A number that grows whenever any credential changes, in this process or another one. */
  epoch(): Promise<number>;
}

/** A key of the installation, wrapped by a master key or a KMS. */
export interface WrappedKey {
  /** `root`, or `kek_` and a number. */
  readonly id: string;
  readonly wrapper: string;
  readonly wrapped: Uint8Array;
  readonly createdAtMs: number;
}

export interface KeyringStore {
  list(): Promise<readonly WrappedKey[]>;
  /** Writes the key unless there is one of this id. */
  claim(key: WrappedKey): Promise<void>;
  /** Replaces how a key is wrapped, if it is still wrapped by `from`. */
  rewrap(id: string, from: string, to: Pick<WrappedKey, "wrapper" | "wrapped">): Promise<void>;
  /** Removes a key unless a version is sealed under it. */
  removeUnused(id: string): Promise<void>;
  /** Some of the versions whose data keys are wrapped by another key than this one. */
  wrappedByOthers(kekId: string, limit: number): Promise<readonly CredentialVersion[]>;
  /** Replaces the wrapping of data keys in one transaction, each only if it is still wrapped by the key that it was. */
  rewrapDataKeys(keys: readonly RewrappedDataKey[]): Promise<void>;
  /** How many versions each key wraps. */
  uses(): Promise<ReadonlyMap<string, number>>;
}

export interface RewrappedDataKey {
  readonly credentialId: string;
  readonly version: number;
  readonly from: string;
  readonly to: Pick<Envelope, "kekId" | "wrappedKey">;
}
