// Access tokens: fetched once however many calls wait, kept, and fetched anew before they end.
import { fetchToken, type Grant, type Issued, tokenTimeoutMs } from "./exchange.ts";

/** How long before its end a token is replaced, milliseconds: this, or a quarter of a short life. */
const refreshAheadMs = 5 * 60_000;
/** A token with less left than this, or a tenth of a short life, is not used: the request must still arrive. */
const marginMs = 10_000;
/** When a replacement can't be had, how long the old token is used before the next try. */
const retryMs = 15_000;

interface Lease {
  readonly token: string;
  readonly refreshAtMs: number;
  readonly endsAtMs: number;
}

interface Fetch {
  readonly startedAtMs: number;
  readonly lease: Promise<Lease>;
}

/** Given the time, epoch milliseconds. */
type MakeGrant = (nowMs: number) => Grant | Promise<Issued>;

export interface TokensOptions {
  /** Who issues them, for messages: "Google". */
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The tokens of one issuer, by credential. */
export class Tokens {
  readonly #issuer: string;
  readonly #now: () => number;
  readonly #leases = new Map<string, Lease>();
  readonly #fetches = new Map<string, Fetch>();

  constructor({ issuer, now = Date.now }: TokensOptions) {
    this.#issuer = issuer;
    this.#now = now;
  }

  /**
   * A token that lives for a while yet: at once when there is one. Near its end it still serves, while another is fetched.
   * @param credential What tells this token from others; it stays in memory.
   * @param grant What to ask the issuer for, made when it is asked; or what was issued, where one request is not enough.
   * @throws ProviderError when there is no token to be had; its message holds no secret.
   */
  of(credential: string, grant: MakeGrant): string | Promise<string> {
    const now = this.#now();
    const lease = this.#leases.get(credential);
    if (lease !== undefined && now < lease.refreshAtMs) return lease.token;
    const fetched = this.#fetch(credential, grant, now);
    if (lease === undefined || now >= lease.endsAtMs) return fetched.then(({ token }) => token);
    fetched.catch(() => {
      if (this.#leases.get(credential) === lease) this.#keep(credential, { ...lease, refreshAtMs: now + retryMs });
    });
    return lease.token;
  }

  #fetch(credential: string, grant: MakeGrant, now: number): Promise<Lease> {
    const running = this.#fetches.get(credential);
    // On Workers a fetch dies with the request that began it, and its promise never settles.
    if (running !== undefined && now - running.startedAtMs < tokenTimeoutMs) return running.lease;
    const begin = async (): Promise<Lease> => {
      const asked = grant(now);
      return leaseOf(await ("url" in asked ? fetchToken(asked, this.#issuer) : asked), now);
    };
    const fetching: Fetch = { startedAtMs: now, lease: begin() };
    this.#fetches.set(credential, fetching);
    const done = (): void => {
      if (this.#fetches.get(credential) === fetching) this.#fetches.delete(credential);
    };
    fetching.lease.then((lease) => {
      this.#keep(credential, lease);
      done();
    }, done);
    return fetching.lease;
  }

  /** Tokens of credentials that are used no longer go. */
  #keep(credential: string, lease: Lease): void {
    const now = this.#now();
    for (const [id, { endsAtMs }] of this.#leases) if (endsAtMs <= now) this.#leases.delete(id);
    this.#leases.set(credential, lease);
  }
}

function leaseOf({ token, lifeMs }: Issued, askedAtMs: number): Lease {
  return {
    token,
    refreshAtMs: askedAtMs + lifeMs - Math.min(refreshAheadMs, lifeMs / 4),
    endsAtMs: askedAtMs + lifeMs - Math.min(marginMs, lifeMs / 10),
  };
}
