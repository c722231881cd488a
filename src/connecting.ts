// Puts stored credentials in force beside those of this machine, with the limits and the alerts of this installation.
import type { Environment, Provider } from "../providers/define.ts";
import type { CredentialAdminDeps } from "./admin/credentials.ts";
import type { Clock } from "./clock.ts";
import { CredentialRoom, type RoomLimits } from "./limits/credential-room.ts";
import { matchesAny } from "./limits/pattern.ts";
import type { Alerts } from "./observe/alerts.ts";
import type { Log } from "./observe/log.ts";
import type { Router } from "./router/router.ts";
import type { Store } from "./store/port.ts";
import type { CredentialRecord } from "./store/port-credentials.ts";
import { credentialAlerts } from "./upkeep.ts";
import type { Connection } from "./vault/credentials.ts";
import type { Keyring } from "./vault/keyring.ts";
import { type LiveConnections, openConnections } from "./vault/live-connections.ts";
import {
  type StoredConnections,
  type StoredConnectionsOptions,
  storedConnections,
} from "./vault/stored-connections.ts";
import type { Room, Terms } from "./vault/terms.ts";

/** The room of a credential with these limits, empty. */
export type OpenRoom = (credential: string, limits: RoomLimits) => Room;

export interface ConnectingParts extends Pick<StoredConnectionsOptions, "sourceOf" | "lend"> {
  readonly configured: ReadonlyMap<string, Connection>;
  readonly sandbox: "on" | "off" | "auto";
  /** The registry, and what the configuration file and the environment describe. */
  readonly providers: readonly Provider[];
  readonly env: Environment;
  readonly keyring: Keyring;
  readonly store: Pick<Store, "credentials">;
  readonly alerts: Alerts;
  readonly router: Pick<Router, "measures">;
  /** Counted in this process alone where it is absent. */
  readonly openRoom?: OpenRoom;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Connecting extends LiveConnections, Pick<StoredConnections, "connectionOf"> {}

/** The alert of a stored credential that can't be used; its subject is the credential's id. */
export const credentialUnusable = "credential_unusable";
/** The alert of a replaced value that serves on because its provider refuses the new one. */
export const rotationRefused = "credential_rotation_refused";

/** How long a value of a secrets manager is waited for when its credential is first seen. */
const patienceMs = 3_000;

/** The connections in force from now on. Rejects when the database does not answer. */
export async function connect(parts: ConnectingParts): Promise<Connecting> {
  const { configured, sandbox, providers, env, keyring, store, alerts, router, clock, log } = parts;
  const open = openAlerts(alerts);
  const source = storedConnections({
    store: store.credentials,
    keyring,
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    env,
    sourceOf: parts.sourceOf,
    ...(parts.lend !== undefined && { lend: parts.lend }),
    termsOf: termsWith(new Map(), parts.openRoom ?? ((_, limits) => new CredentialRoom(limits))),
    now: () => clock.now(),
    patience: () => new Promise((resolve) => setTimeout(resolve, patienceMs)),
    onRead: ({ unusable, overlapping }) => {
      for (const [id, why] of unusable) {
        if (open.raise(credentialUnusable, id, `The credential ${id} can't be used: ${why}.`)) {
          log.error("a stored credential can't be used, and is left out", { credential: id, why });
        }
      }
      open.keep(credentialUnusable, (id) => unusable.has(id));
      open.keep(rotationRefused, (id) => overlapping.has(id));
    },
    onRotated: ({ id }) => {
      // What the provider said of the former value says nothing of this one.
      router.measures.credentials().get(id)?.accepted();
      for (const kind of Object.values(credentialAlerts)) alerts.resolve(kind, id);
      open.keep(rotationRefused, (other) => other !== id);
    },
    onRefused: ({ id, name }, version, next) => {
      if (next === null || next > version) return;
      log.error("a provider refuses the new value of a credential: the former one serves on", {
        credential: id,
        version,
      });
      open.raise(
        rotationRefused,
        id,
        `The provider refuses version ${version} of the credential \`${name}\` (${id}). Version ${next} serves until its overlap ends.`,
      );
    },
  });
  const live = await openConnections({
    configured,
    sandboxGoes: sandbox === "auto",
    source,
    now: () => clock.now(),
  });
  return { ...live, connectionOf: source.connectionOf };
}

/** What the admin surface and the command line work on credentials with. */
export function credentialAdmin(
  { store, keyring, providers, env }: Pick<ConnectingParts, "store" | "keyring" | "providers" | "env">,
  { connections, openTransport }: { readonly connections: Connecting } & Pick<CredentialAdminDeps, "openTransport">,
): CredentialAdminDeps {
  return {
    store: store.credentials,
    keyring,
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    env,
    live: connections,
    connectionOf: connections.connectionOf,
    openTransport,
  };
}

/** The alerts of stored credentials that this process has raised, and ends when they are over. */
function openAlerts(alerts: Alerts) {
  const subjects = new Map<string, Set<string>>();
  return {
    /** True when it is news. */
    raise(kind: string, id: string, message: string): boolean {
      const known = subjects.get(kind) ?? new Set();
      subjects.set(kind, known);
      const isNew = !known.has(id);
      if (isNew) alerts.raise(kind, id, message);
      known.add(id);
      return isNew;
    },
    keep(kind: string, holds: (id: string) => boolean): void {
      for (const id of subjects.get(kind) ?? []) {
        if (holds(id)) continue;
        subjects.get(kind)?.delete(id);
        alerts.resolve(kind, id);
      }
    },
  };
}

/** @param rooms what limits have left, by the credential and its limits: a change of anything else forgets no use. */
function termsWith(rooms: Map<string, { readonly limits: string; readonly room: Room }>, openRoom: OpenRoom) {
  return ({ id, customer, fallback, weight, priority, feePercent, models, limits }: CredentialRecord): Terms => {
    const written = JSON.stringify(limits);
    let known = rooms.get(id);
    if (known?.limits !== written) {
      known = { limits: written, room: openRoom(id, limits) };
      rooms.set(id, known);
    }
    return {
      customer,
      fallback,
      weight,
      priority,
      feePercent: customer === null ? null : feePercent,
      serves: (names) => models === null || names.some((name) => matchesAny(models, name)),
      room: Object.keys(limits).length === 0 ? null : known.room,
    };
  };
}
