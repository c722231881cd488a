// Administrators and roles in SQL.
import { and, asc, count, eq, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { AdminChanges, AdminRecord, AdminStore, NewAdmin, RoleStore } from "./port-admins.ts";
import { admins } from "./schema.sqlite.ts";
import { adminPasskeys, adminRecovery, adminRoles, adminSessions, adminTotp } from "./schema-admins.sqlite.ts";

/** Who can always come back: an owner with a key that does not expire. */
const lasting = (of: string): SQL =>
  sql.raw(
    `(${of}.role = 'owner' and ${of}.provider is null and ${of}.status = 'active' and ${of}.revoked_at_ms is null and ${of}.expires_at_ms is null)`,
  );

/** True of a row that is not the only one of its sort. */
const dispensable = sql`(not ${lasting("admins")} or exists
  (select 1 from ${admins} as other where other.id <> ${admins.id} and ${lasting("other")}))`;

/** The administrator repository over one database. */
export function adminStore({ db, atomic }: Driver): AdminStore {
  const get = async (id: string): Promise<AdminRecord | null> =>
    (await db.select().from(admins).where(eq(admins.id, id)))[0] ?? null;
  const refused = async (id: string) => ((await get(id)) === null ? "missing" : "last_owner");
  return {
    get,
    create: (admin) => atomic([db.insert(admins).values(complete(admin))]),
    put(admin) {
      const row = complete(admin);
      return atomic([db.insert(admins).values(row).onConflictDoUpdate({ target: admins.id, set: row })]);
    },
    async createFirst(admin) {
      const made = await db.all(sql`insert into ${admins} (id, name, role, hint, digest, created_at_ms)
        select ${admin.id}, ${admin.name}, ${admin.role}, ${admin.hint}, ${admin.digest}, ${admin.createdAtMs}
        where not exists (select 1 from ${admins}) returning id`);
      return made.length === 1;
    },
    async findByDigest(digest) {
      const [current] = await db.select().from(admins).where(eq(admins.digest, digest));
      return current ?? (await db.select().from(admins).where(eq(admins.oldDigest, digest)))[0] ?? null;
    },
    async findByIdentity(provider, subject) {
      const same = and(eq(admins.provider, provider), eq(admins.subject, subject));
      return (await db.select().from(admins).where(same))[0] ?? null;
    },
    list: async () => db.select().from(admins).orderBy(asc(admins.id)),
    async update(id, changes) {
      const may = lessens(changes) ? and(eq(admins.id, id), dispensable) : eq(admins.id, id);
      const changed = await db.update(admins).set(changes).where(may).returning({ id: admins.id });
      return changed.length === 1 ? "changed" : refused(id);
    },
    async remove(id) {
      const removed = await db
        .delete(admins)
        .where(and(eq(admins.id, id), dispensable))
        .returning({ id: admins.id });
      if (removed.length === 0) return refused(id);
      await atomic([
        ...[adminSessions, adminTotp, adminPasskeys, adminRecovery].map((table) =>
          db.delete(table).where(eq(table.adminId, id)),
        ),
      ]);
      return "changed";
    },
    touch: (id, atMs) => atomic([db.update(admins).set({ lastUsedAtMs: atMs }).where(eq(admins.id, id))]),
    count: async () => (await db.select({ value: count() }).from(admins))[0]?.value ?? 0,
  };
}

function lessens({ role, status, revokedAtMs, expiresAtMs }: AdminChanges): boolean {
  return (
    (role !== undefined && role !== "owner") ||
    status === "suspended" ||
    typeof revokedAtMs === "number" ||
    typeof expiresAtMs === "number"
  );
}

function complete(admin: NewAdmin): AdminRecord {
  return {
    scope: null,
    oldDigest: null,
    oldExpiresAtMs: null,
    status: "active",
    ipAllow: null,
    ipDeny: [],
    provider: null,
    subject: null,
    email: null,
    createdBy: null,
    expiresAtMs: null,
    revokedAtMs: null,
    rotatedAtMs: null,
    lastUsedAtMs: null,
    ...admin,
  };
}

/** The repository of roles that operators made. */
export function roleStore({ db, atomic }: Driver): RoleStore {
  const get: RoleStore["get"] = async (name) =>
    (await db.select().from(adminRoles).where(eq(adminRoles.name, name)))[0] ?? null;
  return {
    get,
    list: async () => db.select().from(adminRoles).orderBy(asc(adminRoles.name)),
    async create(role) {
      if ((await get(role.name)) !== null) return false;
      await atomic([db.insert(adminRoles).values(role)]);
      return true;
    },
    async update(name, changes) {
      if ((await get(name)) === null) return false;
      await atomic([db.update(adminRoles).set(changes).where(eq(adminRoles.name, name))]);
      return true;
    },
    async remove(name) {
      const unused = sql`not exists (select 1 from ${admins} where ${admins.role} = ${adminRoles.name})`;
      const removed = await db
        .delete(adminRoles)
        .where(and(eq(adminRoles.name, name), unused))
        .returning({ name: adminRoles.name });
      if (removed.length === 1) return "removed";
      return (await get(name)) === null ? "missing" : "in_use";
    },
  };
}
