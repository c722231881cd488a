// Azure Key Vault keys: an RSA key that never leaves it.
import { variable } from "../../../providers/define.ts";
import { azureTokens } from "../references/azure-identity.ts";
import { ask, objectOf, refusal } from "../references/http.ts";
import type { ManagerHost } from "../references/manager.ts";
import type { Kms } from "../wrapper.ts";
import { base64, bytesOf, KmsError } from "./kms.ts";

const who = "Azure Key Vault";
const apiVersion = "7.4";
const algorithm = "RSA-OAEP-256";

/**
 * Key Vault REST API, "Wrap Key" and "Unwrap Key". The ciphertext remembers the version of the key that made it, so that a key that is
 * rotated in the vault still unwraps. RSA binds nothing to it: the wrapper's own seal does.
 * @param key `<vault>/<key>`, or `<vault>/<key>/<version>`; the vault by its name, or its host where that is another cloud's.
 */
export function azureKms(key: string, host: ManagerHost): Kms {
  const [vault = "", name = "", pinned = ""] = key.split("/");
  if (!/^[\w.-]+$/.test(vault) || !/^[\w-]+$/.test(name)) throw new KmsError("azure-kv-key: takes <vault>/<key>.");
  const at = vault.includes(".") ? vault : `${vault}.vault.azure.net`;
  const endpoint = variable(host.env, "AZURE_KEY_VAULT_ENDPOINT")?.replace("{vault}", vault).replace(/\/+$/, "");
  const origin = endpoint ?? `https://${at}`;
  const resource = `https://${at.slice(at.indexOf(".") + 1)}`;
  const tokens = azureTokens(host);

  async function call(path: string, members?: Readonly<Record<string, unknown>>) {
    const token = await tokens(resource);
    const answer = await ask(who, `${origin}/keys/${encodeURIComponent(name)}${path}?api-version=${apiVersion}`, {
      method: members === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      ...(members !== undefined && { body: JSON.stringify(members) }),
    });
    if (answer.status !== 200) throw refusal(who, answer, objectOf(answer.body.error).code);
    return answer.body;
  }

  /** Key Vault REST API, "Get Key": the last part of its id is its version. */
  async function newestVersion(): Promise<string> {
    const { kid } = objectOf((await call("")).key);
    if (typeof kid !== "string") throw new KmsError(`${who} answered without the key's id.`);
    return kid.split("/").at(-1) ?? "";
  }

  return {
    name: `azure-kv-key:${key}`,
    async encrypt(plain) {
      const version = pinned === "" ? await newestVersion() : pinned;
      const { value } = await call(`/${version}/wrapkey`, { alg: algorithm, value: base64(plain, "base64url") });
      return Buffer.concat([Buffer.from(`${version} `), bytesOf(value, who, "base64url")]);
    },
    async decrypt(ciphertext) {
      const bytes = Buffer.from(ciphertext);
      const space = bytes.indexOf(" ");
      const members = { alg: algorithm, value: base64(bytes.subarray(space + 1), "base64url") };
      const { value } = await call(`/${bytes.subarray(0, space).toString()}/unwrapkey`, members);
      return bytesOf(value, who, "base64url");
    },
  };
}
