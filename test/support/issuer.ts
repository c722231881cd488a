// An issuer of workloads' tokens on 127.0.0.1: discovery, keys that can be exchanged, and tokens with any claims, signed by jose.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export interface TokenIssuer {
  /** `iss`. */
  readonly url: string;
  /** The public keys, as it publishes them. */
  jwks(): { readonly keys: readonly JWK[] };
  /** A token with these claims over usual ones; undefined leaves a usual one out. */
  token(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Signs by another key from now on. @param options whether the old one is published still. */
  rotate(options?: { readonly keepOld?: boolean }): Promise<void>;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** What is answered instead: nothing (the connection breaks), this status, or this document by path. */
  trouble: "broken" | number | Readonly<Record<string, unknown>> | null;
  close(): Promise<void>;
}

/** Starts one. Usual tokens are issued now and live five minutes, for the audience `turnpike`. */
export async function startIssuer(algorithm: "RS256" | "ES256" | "EdDSA" = "RS256"): Promise<TokenIssuer> {
  const asked: string[] = [];
  let number = 0;
  let current = await newKey();
  let published: JWK[] = [current.jwk];

  async function newKey() {
    const { privateKey, publicKey } = await generateKeyPair(algorithm);
    const kid = `key-${++number}`;
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" } };
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const { trouble } = state;
    if (trouble === "broken") {
      request.socket.destroy();
      return;
    }
    const json = (status: number, body: unknown): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (typeof trouble === "number") return json(trouble, {});
    const said = trouble?.[path];
    if (said !== undefined) return json(200, said);
    if (path === "/.well-known/openid-configuration") return json(200, { issuer: url, jwks_uri: `${url}/jwks` });
    return path === "/jwks" ? json(200, { keys: published }) : json(404, {});
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state = { trouble: null as TokenIssuer["trouble"] };
  return Object.assign(state, {
    url,
    asked,
    jwks: () => ({ keys: published }),
    token(claims: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}) {
      const nowS = Math.floor(Date.now() / 1_000);
      const usual = {
        iss: url,
        sub: "repo:acme/shop:ref:refs/heads/main",
        aud: "turnpike",
        iat: nowS,
        exp: nowS + 300,
      };
      const payload = JSON.parse(JSON.stringify({ ...usual, jti: crypto.randomUUID(), ...claims })) as JWTPayload;
      return new SignJWT(payload)
        .setProtectedHeader({ alg: algorithm, kid: current.kid, typ: "JWT", ...header })
        .sign(current.privateKey);
    },
    async rotate({ keepOld = false } = {}) {
      const old = published;
      current = await newKey();
      published = [current.jwk, ...(keepOld ? old : [])];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}
