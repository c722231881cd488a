// Temporary keys of a machine's role, fetched at its metadata endpoint, kept, and fetched anew before they expire.
import type { Role } from "./secret.ts";
import type { AwsKeys } from "./sigv4.ts";

/** How long before their end keys are replaced, milliseconds. AWS has new ones ready at least five minutes ahead. */
const refreshAheadMs = 5 * 60_000;
/** A metadata endpoint is on the machine itself. */
const timeoutMs = 5_000;
/** How long the token of an EC2 instance's metadata service is asked to live, seconds. */
const tokenLifeS = 21_600;

interface Lease {
  readonly keys: AwsKeys;
  readonly expiresAtMs: number;
}

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
   * @throws Error when there are none; its message holds no secret.
   */
  async of(role: Role): Promise<AwsKeys> {
    const id = JSON.stringify(role);
    const lease = this.#leases.get(id);
    if (lease !== undefined && this.#now() < lease.expiresAtMs - refreshAheadMs) return lease.keys;
    try {
      return (await this.#fetch(id, role)).keys;
    } catch (error) {
      if (lease !== undefined && this.#now() < lease.expiresAtMs) return lease.keys;
      throw error;
    }
  }

  #fetch(id: string, role: Role): Promise<Lease> {
    const running = this.#fetches.get(id);
    if (running !== undefined) return running;
    const fetching = fetchLease(role)
      .then((lease) => {
        this.#leases.set(id, lease);
        return lease;
      })
      .finally(() => this.#fetches.delete(id));
    this.#fetches.set(id, fetching);
    return fetching;
  }
}

async function fetchLease(role: Role): Promise<Lease> {
  if (role.kind === "container") {
    const headers: Record<string, string> = role.token === null ? {} : { authorization: role.token };
    return leaseOf(await ask(role.url, { headers }));
  }
  // Version 2 of the instance metadata service: a token first, then the role's name, then its keys.
  const base = `${role.endpoint}/latest`;
  const token = await ask(`${base}/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(tokenLifeS) },
  });
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const [name = ""] = (await ask(roles, { headers })).split("\n");
  return leaseOf(await ask(`${roles}${name.trim()}`, { headers }));
}

async function ask(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The AWS metadata endpoint answered with HTTP status ${response.status}.`);
  return text;
}

/** `{ AccessKeyId, SecretAccessKey, Token, Expiration }`, the same from both endpoints. */
function leaseOf(text: string): Lease {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parse(text);
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    throw new Error("The AWS metadata endpoint answered without keys.");
  }
  const expiresAtMs = typeof Expiration === "string" ? Date.parse(Expiration) : Number.NaN;
  return {
    keys: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: typeof Token === "string" ? Token : null,
    },
    // Keys that do not say when they end are asked for again each time.
    expiresAtMs: Number.isNaN(expiresAtMs) ? 0 : expiresAtMs,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
