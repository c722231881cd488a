// The watch over calls on their way in: whose key each shows, from where, and what was refused.
import type { Counter } from "./metrics.ts";
import type { NetworkWatch } from "./networks.ts";
import type { RefusalCounter, RefusedKey } from "./refusals.ts";

export interface CallWatch {
  /** A request has shown a key, whatever comes of it. */
  shows(request: object, key: RefusedKey): void;
  /** A key was let in from an address; null where the runtime knows none. */
  admits(key: RefusedKey, address: string | null): void;
  /** A request was refused before it cost anything, with a public error code. */
  refuses(request: object, code: string): void;
}

export interface CallWatchOptions {
  readonly refusals: RefusalCounter;
  readonly networks: NetworkWatch;
  readonly refused: Counter;
  now(): number;
}

/** Refusals by a key's state and by policies, which are kept by key: mistakes of requests are nobody's misuse. */
const kept: ReadonlySet<string> = new Set([
  "invalid_api_key",
  "key_expired",
  "key_suspended",
  "permission_denied",
  "ip_not_allowed",
  "origin_not_allowed",
  "outside_hours",
  "model_not_allowed",
  "provider_not_allowed",
  "endpoint_not_allowed",
  "missing_metadata",
  "too_many_tokens",
  "rate_limit_exceeded",
  "budget_exceeded",
]);

/** A request bears the key that it has shown: a weak map of all requests costs each of them microseconds, and every collection. */
const shown = Symbol("shown key");

interface Showing {
  [shown]?: RefusedKey;
}

export function createCallWatch({ refusals, networks, refused, now }: CallWatchOptions): CallWatch {
  return {
    shows(request: Showing, key) {
      request[shown] = key;
    },
    admits(key, address) {
      if (address !== null) networks.came(key.id, address, now());
    },
    refuses(request: Showing, code) {
      refused.add([code]);
      if (kept.has(code)) refusals.count(code, request[shown] ?? null, now());
    },
  };
}
