// The managers by the schemes of their references, each loaded when a reference first needs it.
import type { Manager, ManagerHost } from "./manager.ts";
import type { Scheme } from "./reference.ts";

/** @throws ManagerError of kind `settings` when the environment lacks what it needs. */
export async function loadManager(scheme: Scheme, host: ManagerHost): Promise<Manager> {
  switch (scheme) {
    case "env":
    case "file":
      return (await import("./local.ts")).localManager(host);
    case "vault":
      return (await import("./hashicorp/vault.ts")).vaultManager(host);
    case "aws-sm":
    case "aws-ssm":
      return (await import("./aws.ts")).awsManager(host);
    case "azure-kv":
      return (await import("./azure.ts")).azureManager(host);
    case "gcp-sm":
      return (await import("./google.ts")).googleManager(host);
  }
}
