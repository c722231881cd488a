// Administrators in SQL.
import { count, eq, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { AdminStore } from "./port.ts";
import { admins } from "./schema.sqlite.ts";

/** The administrator repository over one database. */
export function adminStore({ db, atomic }: Driver): AdminStore {
  return {
    create: (admin) => atomic([db.insert(admins).values(admin)]),
    put: (admin) => atomic([db.insert(admins).values(admin).onConflictDoUpdate({ target: admins.id, set: admin })]),
    async createFirst(admin) {
      const made = await db.all(sql`insert into ${admins} (id, name, role, hint, digest, created_at_ms)
        select ${admin.id}, ${admin.name}, ${admin.role}, ${admin.hint}, ${admin.digest}, ${admin.createdAtMs}
        where not exists (select 1 from ${admins}) returning id`);
      return made.length === 1;
    },
    findByDigest: async (digest) => (await db.select().from(admins).where(eq(admins.digest, digest)))[0] ?? null,
    count: async () => (await db.select({ value: count() }).from(admins))[0]?.value ?? 0,
  };
}
