// What a keeper and its workers say to each other. One version of the code speaks to itself: the names may change freely.

import type { ModelDeclaration } from "../../providers/catalog/declared.ts";
import type { Config } from "../config.ts";
import type { ScopeState } from "../limits/call-limits.ts";
import type { Scope } from "../limits/policy.ts";
import type { PendingAlert } from "../observe/alerts.ts";
import type { OpenCall } from "../store/port.ts";
import type { LoggedSettlement } from "../usage/call-log.ts";
import type { Counts, Health } from "./health.ts";
import type { Packed } from "./packed.node.ts";
import type { RoomUse } from "./shared-rooms.ts";

/** The room that a call asks for. */
export interface Taking {
  readonly id: string;
  /** The number under which its scopes were told. */
  readonly scopes: number;
  readonly tokens: number;
  /** Decimal digits. */
  readonly nanos: string | null;
  readonly models: readonly string[];
}

/** What became of it. */
export interface Settling {
  readonly id: string;
  readonly tokens: number;
  readonly nanos: string | null;
  /** As `Used.percent`: of the fraction, both decimal digits. */
  readonly percent?: readonly [of: string, whole: string];
}

/** A group of a worker's journal. */
export interface Records {
  readonly opened: readonly OpenCall[];
  readonly settled: readonly LoggedSettlement[];
}

/** An operation of the store's, which only the keeper does. */
export interface Operation {
  readonly of: string;
  readonly name: string;
  readonly args: Packed<readonly unknown[]>;
}

/** What a worker tells and asks its keeper. */
export interface Keeping {
  ready(at: { readonly url: string }): void;
  failed(why: { readonly message: string; readonly setting: boolean }): void;
  /** From now on these scopes go by this number. */
  scopes(told: { readonly number: number; readonly scopes: Packed<readonly Scope[]> }): void;
  forgetScopes(number: number): void;
  /** Resolves to the headers that tell how the limits stand. */
  take(taking: Taking): Promise<Readonly<Record<string, string>>>;
  settle(settling: Settling): void;
  state(scope: Packed<Scope>): Promise<Packed<ScopeState>>;
  append(records: Records): Promise<void>;
  operate(operation: Operation): Promise<Packed<unknown>>;
  /** Of all workers and the keeper, in Prometheus' text format. */
  metrics(all: null): Promise<string>;
  raise(alert: Pick<PendingAlert, "kind" | "subject" | "message">): void;
  resolve(alert: Pick<PendingAlert, "kind" | "subject">): void;
  health(health: Health): void;
  counts(counts: Counts): void;
  /** A limited credential is used: for the others to count. */
  room(use: RoomUse): void;
  /** An unknown key came from this network: for the others to count. */
  failure(address: string): void;
  /** What the worker has counted, in Prometheus' text format. */
  counted(metrics: string): void;
  /** What was measured, as `writeSnapshot` writes it. */
  measures(snapshot: string): void;
}

/** What a keeper tells and asks its workers. */
export interface Serving {
  begin(with_: Beginning): void;
  /** Does nothing: that it was done tells that the worker is there. */
  pulse(now: null): void;
  forgetKey(id: string): void;
  forgetKeysOf(whose: { readonly customer: string; readonly project: string | null }): void;
  aliases(changed: null): void;
  connections(changed: null): void;
  logLevel(level: Config["logLevel"]): void;
  models(declarations: Packed<readonly ModelDeclaration[]>): void;
  health(health: Health): void;
  /** What others have used of limited credentials. */
  rooms(uses: readonly RoomUse[]): void;
  /** Others have met an unknown key from this network. */
  failure(address: string): void;
  /** Of this worker alone. */
  metrics(now: null): string;
  /** Resolves when all that the worker has recorded is in the database. */
  flush(all: null): Promise<void>;
  /** Takes no new connections, ends those it has one by one, and its process with the last. */
  retire(now: null): void;
  /** Takes no more calls, waits for those that run, and ends. */
  stop(now: null): void;
}

export interface Beginning {
  /** From 1, unique among the workers that live. */
  readonly number: number;
  readonly env: Readonly<Record<string, string>>;
}
