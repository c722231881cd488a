// OpenID Connect: the authorization code flow with PKCE, state and nonce, and the device flow; any provider with discovery.
import type * as OpenidClient from "openid-client";
import { GatewayError } from "../errors.ts";
import type { OidcSettings } from "./settings.ts";

/** Who somebody is at a provider, by an ID token whose signature, issuer, audience, time and nonce were checked. */
export interface Identity {
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly groups: readonly string[];
}

/** What must be remembered while somebody is away at the provider. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface DeviceLogin {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | null;
  /** Seconds between two questions. */
  readonly interval: number;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface Oidc {
  readonly providers: readonly OidcSettings[];
  /** @throws GatewayError `not_found`. */
  settings(name: string): OidcSettings;
  /** @throws GatewayError `gateway_overloaded` when the provider can't be reached. */
  begin(name: string, redirectUri: string): Promise<{ readonly url: string; readonly pending: PendingLogin }>;
  /** @throws GatewayError `permission_denied` when what came back proves nobody. */
  finish(name: string, callback: URL, pending: PendingLogin): Promise<Identity>;
  /** Null where the provider has no device flow. */
  beginDevice(name: string): Promise<DeviceLogin | null>;
  /** @throws as `finish` does. */
  finishDevice(name: string, deviceCode: string): Promise<Identity | "pending" | "slow_down">;
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** The provider's description and its keys are fetched for each login: logins are rare, and changed keys are met at once. */
export function createOidc(providers: readonly OidcSettings[]): Oidc {
  const settings = (name: string): OidcSettings => {
    const found = providers.find((one) => one.name === name);
    if (found === undefined) throw new GatewayError("not_found", "There is no identity provider of this name.");
    return found;
  };
  return {
    providers,
    settings,
    async begin(name, redirectUri) {
      const { client, config } = await discover(settings(name));
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings(name).scopes,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, pending };
    },
    async finish(name, callback, { state, nonce, verifier }) {
      const { client, config } = await discover(settings(name));
      const tokens = await proving(() =>
        client.authorizationCodeGrant(config, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        }),
      );
      return identityOf(tokens, settings(name), { client, config });
    },
    async beginDevice(name) {
      const { client, config } = await discover(settings(name));
      if (config.serverMetadata().device_authorization_endpoint === undefined) return null;
      const begun = await reaching(() => client.initiateDeviceAuthorization(config, { scope: settings(name).scopes }));
      return {
        deviceCode: begun.device_code,
        userCode: begun.user_code,
        verificationUri: begun.verification_uri,
        verificationUriComplete: begun.verification_uri_complete ?? null,
        interval: begun.interval ?? 5,
        expiresIn: begun.expires_in,
      };
    },
    async finishDevice(name, deviceCode) {
      const { client, config } = await discover(settings(name));
      try {
        const tokens = await client.genericGrantRequest(config, deviceGrant, { device_code: deviceCode });
        return await identityOf(tokens, settings(name), { client, config });
      } catch (error) {
        // RFC 8628, section 3.5.
        const code = (error as { readonly error?: unknown }).error;
        if (code === "authorization_pending") return "pending";
        if (code === "slow_down") return "slow_down";
        throw refused(error);
      }
    },
  };
}

interface Reached {
  readonly client: typeof OpenidClient;
  readonly config: OpenidClient.Configuration;
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<Reached> {
  const client = await import("openid-client");
  const insecure = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
  const authentication = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
  const config = await reaching(() =>
    client.discovery(new URL(issuer), clientId, {}, authentication, {
      // Signatures are checked although the token comes from the provider itself.
      execute: [...insecure, client.enableNonRepudiationChecks],
      timeout: 10,
    }),
  );
  return { client, config };
}

interface Tokens {
  readonly access_token: string;
  claims(): OpenidClient.IDToken | undefined;
}

async function identityOf(
  tokens: Tokens,
  { groupsClaim }: OidcSettings,
  { client, config }: Reached,
): Promise<Identity> {
  const claims = tokens.claims();
  if (claims === undefined) throw refused(new Error("no ID token"));
  const lacking = memberOf(claims, groupsClaim) === undefined || claims.email === undefined;
  const more =
    lacking && config.serverMetadata().userinfo_endpoint !== undefined
      ? await proving(() => client.fetchUserInfo(config, tokens.access_token, claims.sub))
      : {};
  const all: Readonly<Record<string, unknown>> = { ...more, ...claims };
  const groups = memberOf(all, groupsClaim);
  return {
    subject: claims.sub,
    email: textOf(all.email),
    // Some send it as a text.
    emailVerified: all.email_verified === true || all.email_verified === "true",
    name: textOf(all.name) ?? textOf(all.preferred_username),
    groups: [groups].flat().filter((one): one is string => typeof one === "string"),
  };
}

/** A claim by its name, or by a path into objects. */
function memberOf(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split(".")
    .reduce<unknown>(
      (value, part) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, part)
          ? (value as Readonly<Record<string, unknown>>)[part]
          : undefined,
      claims,
    );
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, 200) : null;
}

async function proving<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw refused(error);
  }
}

async function reaching<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new GatewayError("gateway_overloaded", "The identity provider can't be reached, or is set up wrongly.", {
      cause,
    });
  }
}

function refused(cause: unknown): GatewayError {
  return new GatewayError(
    "permission_denied",
    "What came back from the identity provider proves nobody. Sign in again.",
    { cause },
  );
}
