// Administrators, what they may do, how they prove who they are, and their sessions, as the rooms above see them.

/** A customer, or one of its projects alone. */
export interface ScopeEntry {
  readonly customer: string;
  readonly project?: string | undefined;
}

/** Whose keys, usage and credits an administrator sees and changes. Elsewhere null stands for everybody's. */
export type AdminScope = readonly ScopeEntry[];

export interface AdminRecord {
  /** `adm_…` */
  readonly id: string;
  readonly name: string;
  /** The name of a built-in role, or of one in `roles`. */
  readonly role: string;
  /** Narrows the role's own scope. */
  readonly scope: AdminScope | null;
  readonly hint: string;
  /** Of the key. Whoever signs in elsewhere has one too, of a secret that nobody was ever told. */
  readonly digest: string;
  /** Of the key before the last rotation, and until when it works. */
  readonly oldDigest: string | null;
  readonly oldExpiresAtMs: number | null;
  readonly status: "active" | "suspended";
  /** From where it may be used, as policies of keys say it. */
  readonly ipAllow: readonly string[] | null;
  readonly ipDeny: readonly string[];
  /** Who signs in elsewhere: the provider's name in the settings, and the subject there. Null for holders of a key. */
  readonly provider: string | null;
  readonly subject: string | null;
  readonly email: string | null;
  readonly createdAtMs: number;
  /** The administrator's id, or `command line`; null for those that came by themselves. */
  readonly createdBy: string | null;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly rotatedAtMs: number | null;
  /** A minute behind. */
  readonly lastUsedAtMs: number | null;
}

/** What must be said of a new administrator; the rest is nothing, nobody and never. */
export type NewAdmin = Pick<AdminRecord, "id" | "name" | "role" | "hint" | "digest" | "createdAtMs"> &
  Partial<AdminRecord>;

export type AdminChanges = Partial<Omit<AdminRecord, "id" | "createdAtMs" | "createdBy">>;

/** `last_owner`: nobody would be left who holds a key that does not expire and may do everything. */
export type AdminChange = "changed" | "missing" | "last_owner";

export interface AdminStore {
  create(admin: NewAdmin): Promise<void>;
  /** Creates the administrator only while there is none at all; false otherwise. One statement, so one of two racers wins. */
  createFirst(admin: NewAdmin): Promise<boolean>;
  /** Creates the administrator, or replaces the one with this id. */
  put(admin: NewAdmin): Promise<void>;
  get(id: string): Promise<AdminRecord | null>;
  /** By the digest of its key, or of the key before: whether that still works is the caller's to judge. */
  findByDigest(digest: string): Promise<AdminRecord | null>;
  findByIdentity(provider: string, subject: string): Promise<AdminRecord | null>;
  /** By id, so oldest first. */
  list(): Promise<readonly AdminRecord[]>;
  /** Changes what is given, unless the last owner would go. One statement, so that of two owners who demote each other one stays. */
  update(id: string, changes: AdminChanges): Promise<AdminChange>;
  /** Removes it with its sessions and second factors, unless it is the last owner. */
  remove(id: string): Promise<AdminChange>;
  touch(id: string, atMs: number): Promise<void>;
  count(): Promise<number>;
}

export interface RoleRecord {
  readonly name: string;
  readonly description: string;
  /** As in the table of endpoints: `keys:read`. */
  readonly permissions: readonly string[];
  readonly scope: AdminScope | null;
  /** Whether its holders must, or need not, prove who they are twice, whatever the installation says; null: as it says. */
  readonly secondFactor: "required" | "exempt" | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface RoleStore {
  get(name: string): Promise<RoleRecord | null>;
  /** By name. */
  list(): Promise<readonly RoleRecord[]>;
  /** False when there is one of this name. */
  create(role: RoleRecord): Promise<boolean>;
  update(name: string, changes: Partial<Omit<RoleRecord, "name" | "createdAtMs">>): Promise<boolean>;
  remove(name: string): Promise<"removed" | "missing" | "in_use">;
}

export interface SessionRecord {
  /** `ses_…`: to name it by. What proves it is its token. */
  readonly id: string;
  /** Of the token. */
  readonly digest: string;
  readonly adminId: string;
  /** A browser's, which must prove that a change is meant; or a bearer token of the command line's. */
  readonly kind: "cookie" | "token";
  /** How it began: `key`, `key+totp`, `key+passkey`, `key+recovery`, `oidc`. */
  readonly method: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  /** After this it has ended, however busy. */
  readonly expiresAtMs: number;
  /** When a second factor was last proved; null when none was. */
  readonly verifiedAtMs: number | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface SessionStore {
  create(session: SessionRecord): Promise<void>;
  findByDigest(digest: string): Promise<SessionRecord | null>;
  get(id: string): Promise<SessionRecord | null>;
  /** Latest first. */
  list(adminId: string): Promise<readonly SessionRecord[]>;
  touch(id: string, atMs: number): Promise<void>;
  /** False when there is none. */
  remove(id: string): Promise<boolean>;
  /** All of an administrator's. Resolves to how many there were. */
  removeOf(adminId: string): Promise<number>;
  /** Those that have ended. */
  sweep(nowMs: number): Promise<void>;
}

/** Something that was begun and must come back: a login at a provider, a passkey's challenge. */
export interface ChallengeRecord {
  /** Of the secret that names it. */
  readonly digest: string;
  readonly purpose: string;
  /** What must be remembered, sealed. */
  readonly sealed: Uint8Array;
  readonly expiresAtMs: number;
}

export interface ChallengeStore {
  /** Also forgets those that have expired before `nowMs`. */
  create(challenge: ChallengeRecord, nowMs: number): Promise<void>;
  /** Gives it out without using it up: for what is asked for again and again until it is ready. */
  peek(digest: string, purpose: string, nowMs: number): Promise<ChallengeRecord | null>;
  /** Gives it out and forgets it, in one statement: of two who ask, one gets it. */
  take(digest: string, purpose: string, nowMs: number): Promise<ChallengeRecord | null>;
  /** How many of a purpose there are. */
  count(purpose: string, nowMs: number): Promise<number>;
}

export interface TotpRecord {
  readonly adminId: string;
  /** The shared secret, sealed. */
  readonly sealed: Uint8Array;
  readonly createdAtMs: number;
  /** Null until a first code has shown that the other side has it. */
  readonly confirmedAtMs: number | null;
  /** The time step of the last code that was taken: none of it or before is taken again. */
  readonly lastStep: number;
}

export interface PasskeyRecord {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly adminId: string;
  readonly name: string;
  /** COSE. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

export interface FactorStore {
  totp(adminId: string): Promise<TotpRecord | null>;
  putTotp(record: TotpRecord): Promise<void>;
  /** Takes a code's time step; false when that one or a later one was taken before. One statement, so that a code is taken once. */
  takeStep(adminId: string, step: number, confirmedAtMs: number): Promise<boolean>;
  removeTotp(adminId: string): Promise<boolean>;
  passkeys(adminId: string): Promise<readonly PasskeyRecord[]>;
  /** False when there is one of this id, whoever's. */
  addPasskey(record: PasskeyRecord): Promise<boolean>;
  /** Writes a use; false when the counter did not grow meanwhile, as a copy's would not (0 for authenticators that don't count). */
  usePasskey(id: string, counter: number, atMs: number): Promise<boolean>;
  removePasskey(adminId: string, id: string): Promise<boolean>;
  /** Replaces all recovery codes. */
  putRecovery(adminId: string, digests: readonly string[]): Promise<void>;
  /** Uses a code up; false when there is none. */
  takeRecovery(adminId: string, digest: string): Promise<boolean>;
  recoveryLeft(adminId: string): Promise<number>;
  /** Removes every factor of an administrator. */
  reset(adminId: string): Promise<void>;
}
