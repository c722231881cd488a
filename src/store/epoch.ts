// Epochs: numbers among the facts of the installation that grow with every change of something, for those who remember it.
import { eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "./driver.ts";
import { meta } from "./schema.sqlite.ts";

/** The statement that begins the next epoch; it stands in the transaction of the change. */
export function nextEpoch(name: string): SQL {
  return sql`insert into ${meta} (name, value) values (${name}, '1')
    on conflict (name) do update set value = cast(value as integer) + 1`;
}

/** Asks for the present epoch; 0 before the first change. */
export function readEpoch(db: Database, name: string): () => Promise<number> {
  const read = db.select({ value: meta.value }).from(meta).where(eq(meta.name, name)).prepare();
  return async () => Number((await read.all())[0]?.value ?? 0);
}
