// Secrets of the machine itself: variables of the environment, and files such as Docker and Kubernetes mount.
import { type Manager, ManagerError, type ManagerHost } from "./manager.ts";
import { isReference } from "./reference.ts";

export function localManager(host: ManagerHost): Manager {
  return {
    async read({ scheme, address }) {
      const content = scheme === "env" ? host.env[address] : await host.readFile(address).catch(() => null);
      if (content === undefined) throw new ManagerError("missing", "the variable is not set.");
      if (content === null) throw new ManagerError("missing", "the file can't be read.");
      // A reference is no secret: it is sent to nobody.
      if (isReference(content.trim())) throw new ManagerError("settings", "what stands there is a reference itself.");
      return { content, version: null, endsAtMs: null };
    },
    watch: ({ scheme, address }, onChange) => (scheme === "file" ? host.watchFile(address, onChange) : () => undefined),
  };
}
