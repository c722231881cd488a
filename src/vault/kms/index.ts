// The KMS that a setting names, each client loaded when it is used.
import { ConfigError } from "../../config.ts";
import type { ManagerHost } from "../references/manager.ts";
import type { Kms } from "../wrapper.ts";
import { KmsError } from "./kms.ts";

type MakeKms = (key: string, host: ManagerHost) => Kms;

const clients: Readonly<Record<string, () => Promise<MakeKms>>> = {
  "vault-transit": async () => (await import("./vault-transit.ts")).vaultTransit,
  "aws-kms": async () => (await import("./aws.ts")).awsKms,
  "gcp-kms": async () => (await import("./google.ts")).googleKms,
  "azure-kv-key": async () => (await import("./azure.ts")).azureKms,
};

/**
 * @param text `vault-transit:<mount>/<key>`, `aws-kms:<key>`, `gcp-kms:<name>` or `azure-kv-key:<vault>/<key>`.
 * @param setting the variable that says so, for messages.
 * @throws ConfigError when it is written wrongly, or the environment lacks what its client needs.
 */
export async function kmsOf(text: string, setting: string, host: ManagerHost): Promise<Kms> {
  const colon = text.indexOf(":");
  const client = clients[text.slice(0, Math.max(0, colon))];
  const key = text.slice(colon + 1).trim();
  if (client === undefined || key === "") {
    throw new ConfigError(`${setting}: expected one of ${Object.keys(clients).join(", ")}, a colon, and the key there`);
  }
  const make = await client();
  try {
    return telling(make(key, host), setting);
  } catch (error) {
    throw asConfigError(error, setting);
  }
}

/** What goes wrong with it is told as what is wrong with its setting. */
function telling(kms: Kms, setting: string): Kms {
  const told = async (work: Promise<Uint8Array>): Promise<Uint8Array> => {
    try {
      return await work;
    } catch (error) {
      throw asConfigError(error, setting);
    }
  };
  return {
    name: kms.name,
    encrypt: (plain, about) => told(kms.encrypt(plain, about)),
    decrypt: (ciphertext, about) => told(kms.decrypt(ciphertext, about)),
  };
}

/** Messages of the clients hold no secret; anything else is a bug. */
function asConfigError(error: unknown, setting: string): unknown {
  const known = error instanceof KmsError || (error instanceof Error && /^(Manager|Provider)Error$/.test(error.name));
  return known ? new ConfigError(`${setting}: ${(error as Error).message}`) : error;
}
