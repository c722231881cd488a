// Microsoft Entra ID: an application's client credentials, exchanged for access tokens.
import { type Environment, variable } from "../define.ts";
import type { Grant } from "./exchange.ts";

/** An application that may call on its own behalf. `authority` is the login host: clouds of governments have their own. */
export interface EntraClient {
  readonly authority: string;
  readonly tenant: string;
  readonly client: string;
  readonly secret: string;
}

const publicCloud = "https://login.microsoftonline.com";

/** From the variables that Azure's own tools read; null when one is missing. */
export function entraClient(env: Environment): EntraClient | null {
  const tenant = variable(env, "AZURE_TENANT_ID");
  const client = variable(env, "AZURE_CLIENT_ID");
  const secret = variable(env, "AZURE_CLIENT_SECRET");
  if (tenant === null || client === null || secret === null) return null;
  return { authority: authorityOf(env), tenant, client, secret };
}

/** The login host, without a slash at its end. */
export function authorityOf(env: Environment): string {
  return (variable(env, "AZURE_AUTHORITY_HOST") ?? publicCloud).replace(/\/+$/, "");
}

/** Client credentials (Microsoft identity platform, "OAuth 2.0 client credentials flow"). */
export function entraGrant({ authority, tenant, client, secret }: EntraClient, scope: string): Grant {
  return {
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    form: { grant_type: "client_credentials", client_id: client, client_secret: secret, scope },
  };
}
