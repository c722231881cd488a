// HashiCorp Vault and OpenBao: secrets of the key-value engines, and those that other engines make for us, on loan.
import { variable } from "../../../../providers/define.ts";
import { type Answer, objectOf, refusal } from "../http.ts";
import { type Lease, type Manager, ManagerError, type ManagerHost, type Reading } from "../manager.ts";
import type { Reference } from "../reference.ts";
import { openSession } from "./session.ts";
import { readSettings } from "./settings.ts";

const who = "Vault";

/** Which engine lies at a path: one of the two key-value engines, or another. */
type Engine = "kv-v1" | "kv-v2" | "other";

interface Place {
  readonly engine: Engine;
  /** The mount, with a slash at its end. */
  readonly mount: string;
}

/** @throws ManagerError of kind `settings`. */
export function vaultManager(host: ManagerHost): Manager {
  const session = openSession(readSettings(host.env), host);
  const places = new Map<string, Place>();
  /** Nothing of a namespace stands in a path. */
  const namespaceOf = ({ options }: Reference): string | null =>
    options.namespace ?? variable(host.env, "VAULT_NAMESPACE", "BAO_NAMESPACE");

  /** Asked once, as Vault's own command does (`sys/internal/ui/mounts`), unless the reference says. */
  async function placeOf(reference: Reference): Promise<Place> {
    const { address, options } = reference;
    if (options.engine !== undefined) return { engine: engineOf(options.engine), mount: `${address.split("/")[0]}/` };
    const namespace = namespaceOf(reference);
    const known = places.get(`${namespace} ${address}`);
    if (known !== undefined) return known;
    const { status, body } = await session.ask({ path: `sys/internal/ui/mounts/${encoded(address)}`, namespace });
    const { path, type, options: told } = objectOf(body.data);
    if (status !== 200 || typeof path !== "string") {
      throw new ManagerError(
        "missing",
        "Vault has no engine at this path, or does not tell us: say ?engine=kv-v1, kv-v2 or other.",
      );
    }
    const isKv = type === "kv" || type === "generic";
    const place: Place = {
      engine: !isKv ? "other" : objectOf(told).version === "2" ? "kv-v2" : "kv-v1",
      mount: path,
    };
    places.set(`${namespace} ${address}`, place);
    return place;
  }

  function leaseOf({ lease_id, renewable }: Readonly<Record<string, unknown>>, namespace: string | null): Lease | null {
    if (typeof lease_id !== "string" || lease_id === "") return null;
    return {
      async renew() {
        if (renewable !== true) return null;
        const answer = await session.ask({ path: "sys/leases/renew", namespace, body: { lease_id } });
        const lifeMs = Number(answer.body.lease_duration) * 1_000;
        return answer.status === 200 && lifeMs > 0 ? host.now() + lifeMs : null;
      },
    };
  }

  return {
    async read(reference): Promise<Reading> {
      const namespace = namespaceOf(reference);
      const { engine, mount } = await placeOf(reference);
      const { version } = reference;
      if (engine === "kv-v2") {
        const query = version === null ? "" : `?version=${encodeURIComponent(version)}`;
        const path = `${encoded(mount)}data/${encoded(reference.address.slice(mount.length))}${query}`;
        return versioned(await session.ask({ path, namespace }));
      }
      if (version !== null)
        throw new ManagerError("settings", "Only the key-value engine's second version has versions.");
      const answer = await session.ask({ path: encoded(reference.address), namespace });
      if (answer.status !== 200) throw refusal(who, answer);
      const lease = leaseOf(answer.body, namespace);
      const content = objectOf(answer.body.data);
      if (lease === null) return { content, version: null, endsAtMs: null };
      return { content, version: null, endsAtMs: host.now() + Number(answer.body.lease_duration) * 1_000, lease };
    },
    close: session.close,
  };
}

/** Vault API, "KV secrets engine, version 2": a version that was deleted is answered with 404 and its metadata. */
function versioned(answer: Answer): Reading {
  const { data, metadata } = objectOf(answer.body.data);
  const { version, deletion_time, destroyed } = objectOf(metadata);
  if (answer.status === 404 && (destroyed === true || (typeof deletion_time === "string" && deletion_time !== ""))) {
    throw new ManagerError("missing", "this version was deleted in Vault.");
  }
  if (answer.status !== 200) throw refusal(who, answer);
  return { content: objectOf(data), version: version === undefined ? null : String(version), endsAtMs: null };
}

function engineOf(text: string): Engine {
  if (text === "kv-v1" || text === "kv-v2" || text === "other") return text;
  throw new ManagerError("settings", "?engine= takes kv-v1, kv-v2 or other.");
}

function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
