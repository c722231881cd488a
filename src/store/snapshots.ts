// Snapshots in SQL.
import { eq } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { SnapshotStore } from "./port-operations.ts";
import { snapshots } from "./schema.sqlite.ts";

/** The repository of snapshots over one database. */
export function snapshotStore({ db, atomic }: Driver): SnapshotStore {
  return {
    load: async (name) => (await db.select().from(snapshots).where(eq(snapshots.name, name)))[0] ?? null,
    save: (name, snapshot) =>
      atomic([
        db
          .insert(snapshots)
          .values({ name, ...snapshot })
          .onConflictDoUpdate({ target: snapshots.name, set: snapshot }),
      ]),
  };
}
