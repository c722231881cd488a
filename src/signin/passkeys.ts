// Passkeys of administrators (WebAuthn): registered for this gateway's address, and shown with the user verified.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { AdminRecord, FactorStore, PasskeyRecord } from "../store/port-admins.ts";
import type { Challenges } from "./challenges.ts";

export interface PasskeyDeps {
  readonly factors: FactorStore;
  readonly challenges: Challenges;
  readonly clock: Clock;
}

/** What a browser is asked to do, and the name under which its answer comes back. */
export interface Asked {
  readonly challengeId: string;
  /** As `navigator.credentials` takes it, in the JSON of WebAuthn level 3. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Passkeys {
  /** @param origin of the page: `https://turnpike.example.com`. A passkey works for that host alone. */
  beginRegistration(admin: Pick<AdminRecord, "id" | "name">, origin: string): Promise<Asked>;
  /** @throws GatewayError `invalid_request` when the answer is none to what was asked; `conflict` when it is known already. */
  register(
    adminId: string,
    answer: { readonly challengeId: string; readonly name: string; readonly response: unknown },
  ): Promise<PasskeyRecord>;
  beginProof(adminId: string, origin: string): Promise<Asked>;
  /** Whether this is a passkey of the administrator's that answers what was asked. Each question is answered once. */
  prove(adminId: string, answer: { readonly challengeId: string; readonly response: unknown }): Promise<boolean>;
}

interface Kept {
  readonly adminId: string;
  readonly challenge: string;
  readonly origin: string;
}

const lifeMs = 5 * 60_000;

export function createPasskeys({ factors, challenges, clock }: PasskeyDeps): Passkeys {
  const ask = async (purpose: string, kept: Kept, options: object): Promise<Asked> => ({
    challengeId: await challenges.keep(purpose, kept, lifeMs),
    options: { ...options },
  });
  return {
    async beginRegistration({ id: adminId, name }, origin) {
      const { generateRegistrationOptions } = await library();
      const known = await factors.passkeys(adminId);
      const options = await generateRegistrationOptions({
        rpName: "Turnpike",
        rpID: hostOf(origin),
        userName: name,
        userID: new TextEncoder().encode(adminId),
        attestationType: "none",
        excludeCredentials: known.map(descriptor),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      });
      return ask("passkey registration", { adminId, challenge: options.challenge, origin }, options);
    },
    async register(adminId, { challengeId, name, response }) {
      const kept = await challenges.take<Kept>("passkey registration", challengeId);
      if (kept === null || kept.adminId !== adminId) throw unexpected();
      const { verifyRegistrationResponse } = await library();
      const { registrationInfo } = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: kept.challenge,
        expectedOrigin: kept.origin,
        expectedRPID: hostOf(kept.origin),
        requireUserVerification: true,
      }).catch((cause: unknown) => {
        throw unexpected(cause);
      });
      if (registrationInfo === undefined) throw unexpected();
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      const record = {
        id,
        adminId,
        name,
        publicKey,
        counter,
        transports,
        createdAtMs: clock.now(),
        lastUsedAtMs: null,
      };
      if (await factors.addPasskey(record)) return record;
      throw new GatewayError("conflict", "This passkey is registered already.");
    },
    async beginProof(adminId, origin) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({
        rpID: hostOf(origin),
        allowCredentials: (await factors.passkeys(adminId)).map(descriptor),
        userVerification: "required",
      });
      return ask("passkey proof", { adminId, challenge: options.challenge, origin }, options);
    },
    async prove(adminId, { challengeId, response }) {
      const kept = await challenges.take<Kept>("passkey proof", challengeId);
      const shown = (response as { readonly id?: unknown } | null)?.id;
      const passkey = (await factors.passkeys(adminId)).find(({ id }) => id === shown);
      if (kept === null || kept.adminId !== adminId || passkey === undefined) return false;
      const { verifyAuthenticationResponse } = await library();
      const proof = await verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: kept.challenge,
        expectedOrigin: kept.origin,
        expectedRPID: hostOf(kept.origin),
        credential: { ...descriptor(passkey), publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter },
        requireUserVerification: true,
      }).catch(() => null);
      if (proof?.verified !== true) return false;
      return factors.usePasskey(passkey.id, proof.authenticationInfo.newCounter, clock.now());
    },
  };
}

/** Loaded when it is used: most processes never see a passkey. */
function library() {
  return import("@simplewebauthn/server");
}

function descriptor({ id, transports }: PasskeyRecord) {
  return { id, transports: [...transports] };
}

function hostOf(origin: string): string {
  return new URL(origin).hostname;
}

function unexpected(cause?: unknown): GatewayError {
  return new GatewayError("invalid_request", "The passkey's answer does not fit what was asked. Begin again.", {
    cause,
  });
}
