// Vault's (and OpenBao's) transit engine: a symmetric key that never leaves it.
import { openSession, type VaultRequest } from "../references/hashicorp/session.ts";
import { readSettings } from "../references/hashicorp/settings.ts";
import { objectOf, refusal } from "../references/http.ts";
import type { ManagerHost } from "../references/manager.ts";
import type { Kms } from "../wrapper.ts";
import { base64, bytesOf, KmsError } from "./kms.ts";

const who = "Vault's transit engine";

/**
 * Vault API, "Transit secrets engine", `encrypt` and `decrypt`, with `associated_data`: the key must be an authenticated one, as
 * `aes256-gcm96` is, which is the default. Who we are there is said as for references (VAULT_ADDR, VAULT_TOKEN, …).
 * @param key `<mount>/<key>`; the mount alone may have slashes.
 */
export function vaultTransit(key: string, host: ManagerHost): Kms {
  const slash = key.lastIndexOf("/");
  const [mount, name] = [key.slice(0, Math.max(0, slash)), key.slice(slash + 1)];
  if (mount === "" || !/^[\w.-]+$/.test(name))
    throw new KmsError("vault-transit: takes <mount>/<key>, such as transit/turnpike.");
  const session = openSession(readSettings(host.env), host);

  async function call(operation: "encrypt" | "decrypt", body: NonNullable<VaultRequest["body"]>) {
    const answer = await session.ask({ path: `${mount}/${operation}/${encodeURIComponent(name)}`, body });
    if (answer.status !== 200) throw refusal(who, answer);
    return objectOf(answer.body.data);
  }

  return {
    name: `vault-transit:${key}`,
    async encrypt(plain, about) {
      const { ciphertext } = await call("encrypt", {
        plaintext: base64(plain),
        associated_data: base64(Buffer.from(about)),
      });
      if (typeof ciphertext !== "string") throw new KmsError(`${who} answered without a ciphertext.`);
      return Buffer.from(ciphertext);
    },
    async decrypt(ciphertext, about) {
      const body = { ciphertext: Buffer.from(ciphertext).toString(), associated_data: base64(Buffer.from(about)) };
      return bytesOf((await call("decrypt", body)).plaintext, who);
    },
  };
}
