// Aliases in SQL. Every change moves their epoch in the same transaction, so that other processes see it.
import { asc, eq } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch, readEpoch } from "./epoch.ts";
import type { AliasRecord, AliasStore } from "./port.ts";
import { aliases } from "./schema.sqlite.ts";

const epochName = "aliases_epoch";

/** The repository of aliases over one database. */
export function aliasStore({ db, atomic }: Driver): AliasStore {
  const get = async (name: string): Promise<AliasRecord | null> =>
    (await db.select().from(aliases).where(eq(aliases.name, name)))[0] ?? null;
  return {
    get,
    async put(name, definition, atMs) {
      const record = { name, definition, createdAtMs: atMs, updatedAtMs: atMs };
      const set = { definition, updatedAtMs: atMs };
      const write = db.insert(aliases).values(record).onConflictDoUpdate({ target: aliases.name, set });
      await atomic([nextEpoch(epochName), write]);
      return (await get(name)) ?? record;
    },
    async remove(name) {
      if ((await get(name)) === null) return false;
      await atomic([nextEpoch(epochName), db.delete(aliases).where(eq(aliases.name, name))]);
      return true;
    },
    list: async () => db.select().from(aliases).orderBy(asc(aliases.name)),
    epoch: readEpoch(db, epochName),
  };
}
