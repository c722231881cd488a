// Models that the operator declares, in SQL.
import { asc, eq } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { ModelRecord, ModelStore } from "./port.ts";
import { models } from "./schema.sqlite.ts";

/** The repository of declared models over one database. */
export function modelStore({ db, atomic }: Driver): ModelStore {
  const get = async (id: string): Promise<ModelRecord | null> =>
    (await db.select().from(models).where(eq(models.id, id)))[0] ?? null;
  return {
    get,
    async put(declaration, atMs) {
      const record = { id: declaration.id, declaration, createdAtMs: atMs, updatedAtMs: atMs };
      const set = { declaration, updatedAtMs: atMs };
      await atomic([db.insert(models).values(record).onConflictDoUpdate({ target: models.id, set })]);
      return (await get(declaration.id)) ?? record;
    },
    async remove(id) {
      if ((await get(id)) === null) return false;
      await atomic([db.delete(models).where(eq(models.id, id))]);
      return true;
    },
    list: async () => db.select().from(models).orderBy(asc(models.id)),
  };
}
