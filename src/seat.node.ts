// The seat of a keeper: what depends on the configuration file, and is taken anew when that is read again.
import type { Context, Hono } from "hono";
import { Hono as Router } from "hono";
import type { AdminDeps } from "./admin/deps.ts";
import { administer } from "./administering.node.ts";
import { keepAudit } from "./auditing.node.ts";
import type { House } from "./house.node.ts";
import { keepUp } from "./keeping.node.ts";
import type { MeasuresSnapshot } from "./router/measures.ts";
import { mergeSnapshots, readSnapshot } from "./router/snapshot.ts";
import type { ExpiryDeps } from "./usage/expiry.ts";
import type { Serving } from "./workers/contract.ts";
import { type Census, type HealthWatch, takeCensus, watchHealth } from "./workers/health.ts";
import type { Given } from "./workers/link.node.ts";
import { pack } from "./workers/packed.node.ts";

/** Tells every worker. */
export type TellAll = <Name extends keyof Serving>(name: Name, value: Given<Serving, Name>) => void;

export interface SeatOptions {
  readonly notifying: AdminDeps["notifying"];
  readonly tellAll: TellAll;
  peer(c: Context): string;
  /** Takes expiring credit from the limits of calls. */
  readonly withdraw: NonNullable<ExpiryDeps["withdraw"]>;
}

export interface Seat {
  readonly house: House;
  /** With its place in the gateway: `/admin/v1/…`. */
  readonly admin: Hono;
  readonly watch: HealthWatch;
  readonly census: Census;
  /** A worker tells what it has measured, as `writeSnapshot` writes it. */
  measured(worker: number, snapshot: string): void;
  /** A worker is gone. */
  left(worker: number): void;
  close(): Promise<void>;
}

export async function openSeat(house: House, { tellAll, withdraw, ...more }: SeatOptions): Promise<Seat> {
  const { connections, clock } = house;
  const { measures } = house.router;
  const snapshots = new Map<number, MeasuresSnapshot>();
  const census = takeCensus({ measures, connections });
  const ring = {
    forget: (id: string): void => tellAll("forgetKey", id),
    forgetOf: (customer: string, project: string | null): void => tellAll("forgetKeysOf", { customer, project }),
  };
  const endUpkeep = await keepUp(house, ring.forget, withdraw);
  const auditing = await keepAudit(house);
  const admin = administer(announcing(house, tellAll), { ...more, ring, exporters: auditing.exporters });
  return {
    house,
    admin: new Router().route("/admin/v1", admin),
    watch: watchHealth({ measures, connections }),
    census,
    measured(worker, text) {
      const snapshot = readSnapshot(text, clock.now());
      if (snapshot === null) return;
      snapshots.set(worker, snapshot);
      measures.adopt(mergeSnapshots([...snapshots.values()]));
    },
    left(worker) {
      snapshots.delete(worker);
      census.leave(worker);
    },
    async close() {
      house.leave();
      await endUpkeep();
      await auditing.close();
      await house.observing.close();
    },
  };
}

/** What administrators put in force here is in force in every worker at once. */
function announcing(house: House, tellAll: TellAll): House {
  const { aliases, catalog, connections } = house;
  return {
    ...house,
    aliases: {
      ...aliases,
      refresh: async () => {
        await aliases.refresh();
        tellAll("aliases", null);
      },
    },
    connections: {
      ...connections,
      refresh: async () => {
        await connections.refresh();
        tellAll("connections", null);
      },
    },
    catalog: {
      ...catalog,
      declare: (declarations) => {
        catalog.declare(declarations);
        tellAll("models", pack(declarations));
      },
    },
  };
}
