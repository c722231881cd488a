// Facts about the installation in SQL.
import { eq } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { MetaStore } from "./port.ts";
import { meta } from "./schema.sqlite.ts";

/** The repository of facts over one database. */
export function metaStore({ db, atomic }: Driver): MetaStore {
  const get = async (name: string): Promise<string | null> =>
    (await db.select().from(meta).where(eq(meta.name, name)))[0]?.value ?? null;
  return {
    get,
    async claim(name, value) {
      await atomic([db.insert(meta).values({ name, value }).onConflictDoNothing()]);
      return (await get(name)) ?? value;
    },
  };
}
