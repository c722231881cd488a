// Azure Key Vault: secrets and their versions.
import { variable } from "../../../providers/define.ts";
import { azureTokens } from "./azure-identity.ts";
import { ask, objectOf, refusal } from "./http.ts";
import { type Manager, ManagerError, type ManagerHost, type Reading } from "./manager.ts";

const who = "Azure Key Vault";
const apiVersion = "7.4";
const publicCloud = "vault.azure.net";

/** Key Vault REST API, "Get Secret". Which versions there are is not asked: the newest is what no version means. */
export function azureManager(host: ManagerHost): Manager {
  const tokenFor = azureTokens(host);
  return {
    async read({ address, version: pinned }): Promise<Reading> {
      const [vault = "", name = "", inPath] = address.split("/");
      const version = pinned ?? inPath ?? "";
      const { origin, resource } = placeOf(vault, host.env);
      const token = await tokenFor(resource);
      const url = `${origin}/secrets/${encodeURIComponent(name)}/${encodeURIComponent(version)}?api-version=${apiVersion}`;
      const answer = await ask(who, url, { headers: { authorization: `Bearer ${token}` } });
      const { value, id, attributes } = answer.body;
      if (answer.status !== 200) throw refusal(who, answer, objectOf(answer.body.error).code);
      if (typeof value !== "string") throw new ManagerError("missing", `${who} answered without a value.`);
      const ends = Number(objectOf(attributes).exp);
      return {
        content: value,
        version: typeof id === "string" ? (id.split("/").at(-1) ?? null) : null,
        endsAtMs: ends > 0 ? ends * 1_000 : null,
      };
    },
  };
}

/** A vault's name, or its host where that is another cloud's; and the resource that tokens are for, which is the cloud's. */
function placeOf(vault: string, env: ManagerHost["env"]): { readonly origin: string; readonly resource: string } {
  const host = vault.includes(".") ? vault : `${vault}.${publicCloud}`;
  const endpoint = variable(env, "AZURE_KEY_VAULT_ENDPOINT")?.replace("{vault}", vault).replace(/\/+$/, "");
  return { origin: endpoint ?? `https://${host}`, resource: `https://${host.slice(host.indexOf(".") + 1)}` };
}
