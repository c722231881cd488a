// An issuer of tokens, as a Kubernetes cluster is one: what it signs can be verified by whoever trusts it.
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from "jose";

export interface TokenIssuer {
  readonly issuer: string;
  sign(subject: string, audience: string, lifeS?: number): Promise<string>;
  /** The subject of a token that is this issuer's, for that audience, and not over; null of any other. */
  subjectOf(token: string, audience: string): Promise<string | null>;
}

export async function createTokenIssuer(issuer = "https://kubernetes.default.svc"): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const verifying = await importJWK(await exportJWK(publicKey), "RS256");
  return {
    issuer,
    sign: (subject, audience, lifeS = 600) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "RS256" })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + lifeS)
        .sign(privateKey),
    subjectOf: async (token, audience) => {
      try {
        const { payload } = await jwtVerify(token, verifying, { issuer, audience, requiredClaims: ["exp", "sub"] });
        return payload.sub ?? null;
      } catch {
        return null;
      }
    },
  };
}
