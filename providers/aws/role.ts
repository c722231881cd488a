// Temporary keys of a role, fetched where the machine's identity is known, kept, and fetched anew before they expire.
import type { Machine } from "../define.ts";
import { fetchLease, type Lease } from "./lease.ts";
import type { Role } from "./secret.ts";
import type { AwsKeys } from "./sigv4.ts";

/** How long before their end keys are replaced, milliseconds. AWS has new ones ready at least five minutes ahead. */
const refreshAheadMs = 5 * 60_000;

export interface RoleKeysOptions {
  readonly now?: () => number;
}

/** The keys of roles, each fetched once however many calls wait for it. */
export class RoleKeys {
  readonly #now: () => number;
  readonly #leases = new Map<string, Lease>();
  readonly #fetches = new Map<string, Promise<Lease>>();

  constructor(options: RoleKeysOptions = {}) {
    this.#now = options.now ?? Date.now;
  }

  /**
   * Keys that live for a while yet. When new ones can't be had, the old ones serve until their end.
   * @throws ProviderError when there are none; its message holds no secret.
   */
  async of(role: Role, machine?: Machine): Promise<AwsKeys> {
    const id = JSON.stringify(role);
    const lease = this.#leases.get(id);
    if (lease !== undefined && this.#now() < lease.expiresAtMs - refreshAheadMs) return lease.keys;
    try {
      return (await this.#fetch(id, role, machine)).keys;
    } catch (error) {
      if (lease !== undefined && this.#now() < lease.expiresAtMs) return lease.keys;
      throw error;
    }
  }

  #fetch(id: string, role: Role, machine: Machine | undefined): Promise<Lease> {
    const running = this.#fetches.get(id);
    if (running !== undefined) return running;
    const fetching = fetchLease(role, machine, this.#now())
      .then((lease) => {
        this.#leases.set(id, lease);
        return lease;
      })
      .finally(() => this.#fetches.delete(id));
    this.#fetches.set(id, fetching);
    return fetching;
  }
}
