// What the public surface is built from. Passed in, never imported, so that a test gives a clock and a store.

import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { Trail } from "../audit/event.ts";
import type { Clock } from "../clock.ts";
import type { CallJournal } from "../gateway/admit.ts";
import type { RunDeps } from "../gateway/run.ts";
import type { HttpExchange } from "../gateway/sink.ts";
import type { UploadDeps } from "../gateway/upload/spool.ts";
import type { Workloads } from "../identity/workloads.ts";
import type { Administrators } from "../keys/administrators.ts";
import type { KeyRing } from "../keys/ring.ts";
import type { Throttle } from "../keys/throttle.ts";
import type { Addresses } from "../limits/addresses.ts";
import type { CallLimits } from "../limits/call-limits.ts";
import type { CallWatch } from "../observe/call-watch.ts";
import type { Captures } from "../prompts/capture.ts";
import type { Aliases } from "../router/alias.ts";
import type { Store } from "../store/port.ts";
import type { AdminRecord } from "../store/port-admins.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Asking } from "./asking.ts";
import type { Library } from "./responses/library.ts";
import type { Storing } from "./responses/turn.ts";

export interface ApiDeps {
  /** The one in force now: another is there when the operator has declared models. Nothing may keep it. */
  readonly catalog: Catalog;
  /** Those in force, in the same way. */
  readonly connections: ReadonlyMap<string, Connection>;
  readonly aliases: Aliases;
  readonly store: Store;
  readonly ring: KeyRing;
  /** Those who prove who they are by tokens of others. */
  readonly workloads: Workloads;
  readonly administrators: Administrators;
  /** Whether this administrator may see how calls are routed. */
  mayReadPlans(admin: AdminRecord): Promise<boolean>;
  readonly journal: CallJournal;
  readonly run: RunDeps;
  /** The responses to which later calls may refer. */
  readonly library: Library;
  readonly storing: Storing;
  /** Of prompts and answers whose policy asks for it. */
  readonly captures: Captures;
  readonly clock: Clock;
  openExchange(asking: Asking): HttpExchange;
  readonly limits: CallLimits;
  /** Counts who comes and who is refused. */
  readonly watch: CallWatch;
  /** Told of who was refused. */
  readonly trail: Trail;
  /** Counts failed authentications of callers, by their network. */
  readonly failures: Throttle;
  /** Whose `x-forwarded-for` is believed; null believes nobody's. */
  readonly trustedProxies: Addresses | null;
  /** The address of the peer, as the runtime tells it; null where it does not. */
  peerAddress(asking: Asking): string | null;
  readonly maxBodyBytes: number;
  readonly uploads: UploadDeps;
  /** Counts running calls, so that a stop can wait for them. */
  readonly running: RunningCalls;
  newCallId(): string;
}

/** The calls that are under way. */
export class RunningCalls {
  #count = 0;
  #closing = false;
  #idle: (() => void) | null = null;

  get closing(): boolean {
    return this.#closing;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#idle?.();
  }

  /** Refuses new calls from here on; resolves when the last running one has ended. */
  drain(): Promise<void> {
    this.#closing = true;
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }
}
