// Whether a token is what it says it is: signed by its issuer, for us, and for now. What it may be given is a rule's (accept.ts).
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Clock } from "../clock.ts";
import { looksLikeToken } from "../keys/token.ts";
import type { RuleRecord } from "../store/port-rules.ts";
import type { Claims } from "./claims.ts";
import { Denial } from "./denial.ts";
import { type KeySets, publicKeys } from "./key-sets.ts";

/** How far the clocks of issuers may differ from ours, seconds. */
const skewS = 60;
/** Only where the verifier holds no secret: a shared key could sign, and `none` signs nothing (RFC 8725, section 3.1). */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** A token whose claims can be believed. */
export interface Verified {
  readonly claims: Claims;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly tokenId: string | null;
}

const unreadable = "The token is no JWT that this gateway can read.";

/**
 * What a token says of its issuer, believed by nobody yet.
 * @throws Denial when it can't be read, or is signed in a way that proves nothing.
 */
export function issuerOf(token: string): string {
  if (!looksLikeToken(token)) throw new Denial("invalid_request", unreadable);
  let issuer: unknown;
  let algorithm: unknown;
  try {
    issuer = decodeJwt(token).iss;
    algorithm = decodeProtectedHeader(token).alg;
  } catch {
    throw new Denial("invalid_request", unreadable);
  }
  if (typeof algorithm !== "string" || !algorithms.includes(algorithm)) {
    throw new Denial("invalid_request", "The token must be signed by a public key's owner (RS256, ES256, …).");
  }
  if (typeof issuer !== "string") throw new Denial("invalid_request", "The token names no issuer.");
  return issuer;
}

export interface VerifyDeps {
  readonly keySets: KeySets;
  readonly clock: Clock;
}

/**
 * Verifies a token by the keys that a rule says its issuer has.
 * @throws Denial with what is wrong with it.
 */
export async function verifyToken(
  token: string,
  { issuer, terms }: Pick<RuleRecord, "issuer" | "terms">,
  { keySets, clock }: VerifyDeps,
): Promise<Verified> {
  const check = (keys: JWTVerifyGetKey) =>
    jwtVerify(token, keys, {
      issuer,
      algorithms,
      clockTolerance: skewS,
      currentDate: new Date(clock.now()),
      requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
    });
  try {
    const { payload } = await withKeys(check, { issuer, terms }, keySets);
    return believed(payload, issuer, clock.now());
  } catch (error) {
    throw denialOf(error);
  }
}

async function withKeys<T>(
  check: (keys: JWTVerifyGetKey) => Promise<T>,
  { issuer, terms: { jwks, ca } }: Pick<RuleRecord, "issuer" | "terms">,
  keySets: KeySets,
): Promise<T> {
  if (jwks !== null) return check(createLocalJWKSet({ keys: publicKeys(jwks.keys) }));
  const set = await keySets.of({ issuer, ca });
  try {
    return await check(set.keys);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    const newer = await set.newer();
    if (newer === null) throw error;
    return check(newer);
  }
}

function believed(payload: Claims, issuer: string, nowMs: number): Verified {
  const { sub, aud, iat, exp, jti } = payload;
  const audiences = [aud].flat().filter((one): one is string => typeof one === "string");
  if (typeof sub !== "string" || sub === "" || audiences.length === 0) {
    throw new Denial("invalid_request", "The token's `sub` and `aud` must be texts.");
  }
  const [issuedAtMs, expiresAtMs] = [Number(iat) * 1_000, Number(exp) * 1_000];
  if (issuedAtMs > nowMs + skewS * 1_000) throw new Denial("invalid_request", "The token was issued in the future.");
  const tokenId = typeof jti === "string" && jti !== "" ? jti : null;
  return { claims: payload, issuer, subject: sub, audiences, issuedAtMs, expiresAtMs, tokenId };
}

function denialOf(error: unknown): Denial {
  if (error instanceof Denial) return error;
  const cause = error;
  if (error instanceof errors.JWTExpired) return new Denial("invalid_request", "The token has expired.", { cause });
  if (error instanceof errors.JWTClaimValidationFailed) {
    const message = error.reason === "missing" ? "is missing" : "is not as it must be now";
    return new Denial("invalid_request", `The token's \`${error.claim}\` ${message}.`, { cause });
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return new Denial("invalid_request", "The token is signed by no key that its issuer has now.", { cause });
  }
  return new Denial("invalid_request", "The token's signature is not its issuer's.", { cause });
}
