// Who we are at Azure: an application with a secret or with a token of another issuer, or the identity of the machine.
import { type Environment, variable } from "../../../providers/define.ts";
import { authorityOf, entraClient, entraGrant } from "../../../providers/oauth/entra.ts";
import { askIssuer, type Grant, type Issued, issued, parse } from "../../../providers/oauth/exchange.ts";
import { Tokens } from "../../../providers/oauth/tokens.ts";
import { ManagerError, type ManagerHost } from "./manager.ts";

const issuer = "Microsoft Entra";
const metadataIssuer = "Azure's identity endpoint";
const metadataHost = "http://169.254.169.254";

/** An access token for a resource (`https://vault.azure.net`), kept while it lives. */
export type AzureTokens = (resource: string) => string | Promise<string>;

/** In the order of Azure's own tools: the environment's application, a workload's identity, the machine's. */
export function azureTokens({ env, now, readFile }: ManagerHost): AzureTokens {
  const tokens = new Tokens({ issuer, now });
  return (resource) =>
    tokens.of(resource, (nowMs): Grant | Promise<Issued> => {
      const client = entraClient(env);
      if (client !== null) return entraGrant(client, `${resource}/.default`);
      const file = variable(env, "AZURE_FEDERATED_TOKEN_FILE");
      return file === null ? machineToken(env, resource, nowMs) : workloadToken(env, file, resource, readFile);
    });
}

/** Microsoft identity platform, "OAuth 2.0 client credentials flow", third case: a federated credential. The file is written anew. */
async function workloadToken(
  env: Environment,
  file: string,
  resource: string,
  readFile: ManagerHost["readFile"],
): Promise<Issued> {
  const [tenant, client] = [variable(env, "AZURE_TENANT_ID"), variable(env, "AZURE_CLIENT_ID")];
  if (tenant === null || client === null) {
    throw new ManagerError(
      "settings",
      "AZURE_TENANT_ID and AZURE_CLIENT_ID must stand beside AZURE_FEDERATED_TOKEN_FILE.",
    );
  }
  const assertion = (await readFile(file).catch(() => "")).trim();
  if (assertion === "") throw new ManagerError("settings", "The file of AZURE_FEDERATED_TOKEN_FILE can't be read.");
  const form = {
    grant_type: "client_credentials",
    client_id: client,
    scope: `${resource}/.default`,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  };
  const text = await askIssuer(issuer, `${authorityOf(env)}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  });
  const { access_token, expires_in } = parse(text);
  return issued(access_token, expires_in, issuer);
}

/**
 * App Service and Container Apps say where to ask (IDENTITY_ENDPOINT; "How to use managed identities for App Service"), virtual
 * machines and AKS have the instance metadata service ("Acquire an access token", IMDS).
 */
async function machineToken(env: Environment, resource: string, nowMs: number): Promise<Issued> {
  const [endpoint, header] = [variable(env, "IDENTITY_ENDPOINT"), variable(env, "IDENTITY_HEADER")];
  const client = variable(env, "AZURE_CLIENT_ID");
  const onService = endpoint !== null && header !== null;
  const host = variable(env, "AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? metadataHost;
  const url = new URL(onService ? endpoint : `${host.replace(/\/+$/, "")}/metadata/identity/oauth2/token`);
  url.searchParams.set("api-version", onService ? "2019-08-01" : "2018-02-01");
  url.searchParams.set("resource", resource);
  if (client !== null) url.searchParams.set("client_id", client);
  const headers: Record<string, string> = onService ? { "x-identity-header": header } : { metadata: "true" };
  const { access_token, expires_in, expires_on } = parse(await askIssuer(metadataIssuer, url.href, { headers }));
  const lifeS = expires_in ?? Number(expires_on) - nowMs / 1_000;
  return issued(access_token, lifeS, metadataIssuer);
}
