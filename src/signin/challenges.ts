// Things that were begun and must come back: kept sealed under a random name, given out once, forgotten after a while.
import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Digest } from "../keys/digest.ts";
import type { ChallengeStore } from "../store/port-admins.ts";
import type { Sealer } from "../vault/seal.ts";

export interface ChallengeDeps {
  readonly challenges: ChallengeStore;
  readonly digest: Digest;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

export interface Challenges {
  /** Keeps a value of JSON; resolves to the name to fetch it by. */
  keep(purpose: string, value: unknown, lifeMs: number, name?: string): Promise<string>;
  /** Without using it up; null when there is none of this name and purpose. */
  peek<T>(purpose: string, name: string): Promise<T | null>;
  /** And forgets it. */
  take<T>(purpose: string, name: string): Promise<T | null>;
}

export function createChallenges({ challenges, digest, sealer, clock }: ChallengeDeps): Challenges {
  const placeOf = (purpose: string, name: string): string => digest(`challenge ${purpose} ${name}`);
  const opened = <T>(found: { readonly digest: string; readonly sealed: Uint8Array } | null): T | null =>
    found === null ? null : (JSON.parse(Buffer.from(sealer.open(found.sealed, found.digest)).toString()) as T);
  return {
    async keep(purpose, value, lifeMs, name = randomBytes(32).toString("base64url")) {
      const place = placeOf(purpose, name);
      const sealed = sealer.seal(Buffer.from(JSON.stringify(value)), place);
      const nowMs = clock.now();
      await challenges.create({ digest: place, purpose, sealed, expiresAtMs: nowMs + lifeMs }, nowMs);
      return name;
    },
    peek: async (purpose, name) => opened(await challenges.peek(placeOf(purpose, name), purpose, clock.now())),
    take: async (purpose, name) => opened(await challenges.take(placeOf(purpose, name), purpose, clock.now())),
  };
}
