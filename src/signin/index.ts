// How administrators prove who they are beyond their key: sessions, second factors, and identity providers.
import type { Clock } from "../clock.ts";
import type { Digest } from "../keys/digest.ts";
import type { Store } from "../store/port.ts";
import { createSealer } from "../vault/seal.ts";
import { type Challenges, createChallenges } from "./challenges.ts";
import { type Codes, createCodes } from "./codes.ts";
import { createOidc, type Oidc } from "./oidc.ts";
import { createPasskeys, type Passkeys } from "./passkeys.ts";
import { createSessions, type Sessions, type SessionTimes } from "./sessions.ts";
import type { OidcSettings } from "./settings.ts";

export interface SignInSettings {
  readonly providers: readonly OidcSettings[];
  readonly times: SessionTimes;
  /** Where browsers reach the gateway: `https://turnpike.example.com`. Null: where a request says that it was sent to. */
  readonly publicUrl: string | null;
  /** Roles whose local holders need a second factor; `all` for every role. */
  readonly secondFactor: "all" | readonly string[];
}

export interface SignIn {
  readonly settings: SignInSettings;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
  readonly codes: Codes;
  readonly passkeys: Passkeys;
  readonly oidc: Oidc;
}

export interface SignInDeps {
  readonly store: Pick<Store, "sessions" | "challenges" | "factors">;
  readonly masterKey: Uint8Array;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly settings: SignInSettings;
}

export function createSignIn({ store, masterKey, digest, clock, settings }: SignInDeps): SignIn {
  const { factors } = store;
  const challenges = createChallenges({
    challenges: store.challenges,
    digest,
    clock,
    sealer: createSealer(masterKey, "turnpike/sign-in-challenges/1"),
  });
  return {
    settings,
    challenges,
    sessions: createSessions({ sessions: store.sessions, digest, clock, times: settings.times }),
    codes: createCodes({
      factors,
      challenges: store.challenges,
      digest,
      clock,
      sealer: createSealer(masterKey, "turnpike/totp-secrets/1"),
    }),
    passkeys: createPasskeys({ factors, challenges, clock }),
    oidc: createOidc(settings.providers),
  };
}
