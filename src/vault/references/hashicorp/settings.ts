// How Vault is reached and who we are there, from the variables that its own tools read. OpenBao's begin with BAO_.
import { type Environment, variable } from "../../../../providers/define.ts";
import { ManagerError } from "../manager.ts";

/** Files are read at each login: they are written anew while we run. */
export type Login =
  | { readonly method: "token"; readonly token: Stated }
  | { readonly method: "approle"; readonly mount: string; readonly roleId: string; readonly secretId: Stated | null }
  | { readonly method: "jwt" | "kubernetes"; readonly mount: string; readonly role: string; readonly jwt: Stated };

/** A text as it is, or the file that holds it. */
export type Stated = { readonly text: string } | { readonly file: string };

export interface VaultSettings {
  /** Without a slash at its end. */
  readonly address: string;
  /** Null for the root namespace. */
  readonly namespace: string | null;
  readonly login: Login;
}

/** Where Kubernetes puts a pod's token (Kubernetes documentation, "Configure Service Accounts for Pods"). */
const podToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** @throws ManagerError of kind `settings` naming what is missing. */
export function readSettings(env: Environment): VaultSettings {
  const read = (name: string): string | null => variable(env, `VAULT_${name}`, `BAO_${name}`);
  const stated = (name: string): Stated | null => {
    const [text, file] = [read(name), read(`${name}_FILE`)];
    return text !== null ? { text } : file !== null ? { file } : null;
  };
  const address = read("ADDR");
  if (address === null || !/^https?:\/\//.test(address)) throw settings("VAULT_ADDR must say where Vault is");
  return { address: address.replace(/\/+$/, ""), namespace: read("NAMESPACE"), login: loginOf(read, stated) };
}

function loginOf(read: (name: string) => string | null, stated: (name: string) => Stated | null): Login {
  const [token, roleId, role, jwt] = [stated("TOKEN"), read("ROLE_ID"), read("ROLE"), stated("JWT")];
  const usual = token !== null ? "token" : roleId !== null ? "approle" : jwt !== null ? "jwt" : "kubernetes";
  const method = read("AUTH_METHOD") ?? usual;
  const mount = read("AUTH_MOUNT")?.replace(/^\/+|\/+$/g, "") ?? method;
  switch (method) {
    case "token":
      if (token === null) break;
      return { method, token };
    case "approle":
      if (roleId === null) break;
      return { method, mount, roleId, secretId: stated("SECRET_ID") };
    case "jwt":
      if (role === null || jwt === null) break;
      return { method, mount, role, jwt };
    case "kubernetes":
      if (role === null) break;
      return { method, mount, role, jwt: jwt ?? { file: podToken } };
  }
  throw settings(
    "VAULT_TOKEN, VAULT_ROLE_ID (AppRole), VAULT_ROLE with VAULT_JWT (JWT) or VAULT_ROLE alone (Kubernetes) must say who we are",
  );
}

function settings(message: string): ManagerError {
  return new ManagerError("settings", `${message}.`);
}
