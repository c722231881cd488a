// A real OpenID provider on a socket, whose people sign in at once, and whose tokens a test may falsify with the provider's own key.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { Provider } from "oidc-provider";

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is known, by subject. */
  readonly people: Map<string, Person>;
  /** The subject of whoever sits before the browser now. */
  person: string;
  /** Changes the claims of ID tokens on their way out, which are signed anew; null leaves them as they are. */
  falsify: ((claims: JWTPayload) => Record<string, unknown>) | null;
  /** Signs what is falsified with the key from before the last rotation. */
  withOldKey: boolean;
  /** Where it may send browsers back to, beside what it was begun with. */
  redirectTo(uri: string): void;
  /** Replaces the signing key. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

export interface IdentityProviderOptions {
  readonly redirectUris: readonly string[];
  readonly device?: boolean;
}

const clientId = "turnpike";
const clientSecret = "a-secret-of-the-client-that-is-long-enough";

export async function startIdentityProvider({
  redirectUris,
  device = true,
}: IdentityProviderOptions): Promise<IdentityProvider> {
  const allowed = [...redirectUris];
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => {};
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let [key, oldKey] = [await newKey("k1"), await newKey("k0")];

  const idp: IdentityProvider = {
    issuer,
    clientId,
    clientSecret,
    people: new Map(),
    person: "",
    falsify: null,
    withOldKey: false,
    redirectTo(uri) {
      allowed.push(uri);
      begin();
    },
    async rotate() {
      [key, oldKey] = [await newKey(`k${Date.now()}`), key];
      begin();
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };

  function begin(): void {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: allowed,
          grant_types: ["authorization_code", ...(device ? ["urn:ietf:params:oauth:grant-type:device_code"] : [])],
          response_types: ["code"],
        },
      ],
      jwks: { keys: [key as never] },
      cookies: { keys: ["a key for the cookies"] },
      scopes: ["openid", "profile", "email"],
      claims: { openid: ["sub", "groups"], profile: ["name"], email: ["email", "email_verified"] },
      features: { devInteractions: { enabled: false }, deviceFlow: { enabled: device } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, subject) => ({
        accountId: subject,
        claims: () => ({ sub: subject, ...idp.people.get(subject) }),
      }),
      async loadExistingGrant(ctx) {
        const grant = new ctx.oidc.provider.Grant({
          clientId: ctx.oidc.client?.clientId ?? "",
          accountId: ctx.oidc.session?.accountId ?? "",
        });
        grant.addOIDCScope("openid profile email");
        await grant.save();
        return grant;
      },
    });
    const serve = provider.callback();
    handle = async (request, response) => {
      if (request.url?.startsWith("/interaction/")) {
        await provider.interactionFinished(request, response, { login: { accountId: idp.person, remember: false } });
        return;
      }
      if (request.url === "/token" && idp.falsify !== null) falsified(response);
      await serve(request, response);
    };
  }

  /** Has what is answered next pass by the forger. */
  function falsified(response: ServerResponse): void {
    const end = response.end.bind(response);
    response.end = ((body: unknown) => {
      void forge(String(body)).then((text) => {
        response.removeHeader("content-length");
        end(text);
      });
      return response;
    }) as typeof response.end;
  }

  async function forge(body: string): Promise<string> {
    const answer = JSON.parse(body) as { id_token?: string };
    if (answer.id_token === undefined || idp.falsify === null) return body;
    const jwk = idp.withOldKey ? oldKey : key;
    const claims = idp.falsify(decodeJwt(answer.id_token)) as JWTPayload;
    const signer = new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: String(jwk.kid) });
    return JSON.stringify({ ...answer, id_token: await signer.sign(await importJWK(jwk, "RS256")) });
  }

  begin();
  return idp;
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" };
}
