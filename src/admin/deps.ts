// What the admin surface is built from.
import type { Context } from "hono";
import type { ModelDeclaration } from "../../providers/catalog/declared.ts";
import type { PendingChange } from "../audit/event.ts";
import type { ExporterStatus } from "../audit/exporters/exporter.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Clock } from "../clock.ts";
import type { Administrators } from "../keys/administrators.ts";
import type { Digest } from "../keys/digest.ts";
import type { PromptLibrary } from "../prompts/library.ts";
import type { LiveAliases } from "../router/live-aliases.ts";
import type { LiveCatalog } from "../router/live-catalog.ts";
import type { Router } from "../router/router.ts";
import type { SignIn } from "../signin/index.ts";
import type { Store } from "../store/port.ts";
import type { AdminRecord, SessionRecord } from "../store/port-admins.ts";
import type { Connection } from "../vault/credentials.ts";
import type { AliasRequest } from "./alias-request.ts";
import type { Audited } from "./audited.ts";
import type { CredentialAdminDeps } from "./credentials.ts";
import type { ReferenceAdminDeps } from "./references.ts";
import type { Access } from "./roles-access.ts";
import type { VaultAdminDeps } from "./vault.ts";
import type { NotifyingAdminDeps } from "./webhooks.ts";

/** What declared models are checked against and put in force with. */
export interface ModelAdminDeps {
  readonly catalog: LiveCatalog;
  /** The providers that can be called at all. */
  readonly providers: ReadonlySet<string>;
  /** Declared by the configuration file; those of the database are laid over them. */
  readonly configured: readonly ModelDeclaration[];
}

/** What aliases are checked against and put in force with. */
export interface AliasAdminDeps {
  readonly live: LiveAliases;
  /** Declared by the configuration file; those of the database are laid over them. */
  readonly configured: readonly AliasRequest[];
  /** Whether calls can name a provider of this id, in lower case. */
  isProvider(id: string): boolean;
}

/** What calls are planned with, for those who look. */
export interface RoutingAdminDeps {
  readonly router: Router;
  /** Those in force: others are there when a credential has changed. Nothing may keep them. */
  readonly connections: ReadonlyMap<string, Connection>;
}

export interface AdminDeps {
  readonly store: Store;
  /** Told when a key has changed, or what is said of a customer's or a project's keys: this process forgets what it knew. */
  readonly ring: { forget(keyId: string): void; forgetOf(customer: string, project: string | null): void };
  /** What the names of keys must match; null, or absent, for anything. */
  readonly keyNames?: RegExp | null;
  readonly models: ModelAdminDeps;
  readonly aliases: AliasAdminDeps;
  readonly routing: RoutingAdminDeps;
  readonly credentials: CredentialAdminDeps;
  readonly vault: VaultAdminDeps;
  /** The secrets that stand elsewhere; absent where there are none (Workers). */
  readonly references?: ReferenceAdminDeps;
  readonly administrators: Administrators;
  readonly signIn: SignIn;
  readonly digest: Digest;
  /** Logged prompts and answers. */
  readonly prompts: PromptLibrary;
  /** Told of what administrators do, and of who was refused. */
  readonly trail: AuditTrail;
  /** How far the trail's exporters are; absent where there are none (Workers). */
  readonly exporters?: () => Promise<readonly ExporterStatus[]>;
  readonly notifying: NotifyingAdminDeps;
  readonly clock: Clock;
  /** Told of failures that are ours; the caller sees `internal_error`. */
  readonly onError?: (error: unknown, requestId: string) => void;
  /** The address of the caller, to slow down guessing; the peer of the socket where nothing is given. */
  readonly clientAddress?: (c: Context) => string;
}

/** What the admin surface knows about a request on its way. */
export interface AdminEnv {
  Variables: {
    readonly requestId: string;
    /** Absent at endpoints that are public. */
    readonly admin: AdminRecord;
    /** What it may do. */
    readonly access: Access;
    /** Null where a key was shown. */
    readonly session: SessionRecord | null;
    readonly sessionToken?: string;
    /** Where the request comes from, as far as that is believed. */
    readonly address: string;
    /** The body as it came; empty when there is none. */
    readonly bodyText: string;
    /** What a repetition with the same `Idempotency-Key` is answered: the answer without its secrets. */
    readonly replay: unknown;
    /** What the trail was told is about to be changed. */
    readonly pending?: PendingChange;
    /** What the handler knows of its change better than the paths at which it is read. */
    readonly audited?: Audited;
  };
}
