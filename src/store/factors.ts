// Second factors of administrators in SQL.
import { and, asc, count, eq, lt } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { FactorStore } from "./port-admins.ts";
import { adminPasskeys, adminRecovery, adminTotp } from "./schema-admins.sqlite.ts";

export function factorStore({ db, atomic }: Driver): FactorStore {
  return {
    totp: async (adminId) => (await db.select().from(adminTotp).where(eq(adminTotp.adminId, adminId)))[0] ?? null,
    putTotp(record) {
      const row = { ...record, sealed: Buffer.from(record.sealed) };
      return atomic([db.insert(adminTotp).values(row).onConflictDoUpdate({ target: adminTotp.adminId, set: row })]);
    },
    async takeStep(adminId, step, confirmedAtMs) {
      const fresh = and(eq(adminTotp.adminId, adminId), lt(adminTotp.lastStep, step));
      const set = { lastStep: step, confirmedAtMs };
      return (await db.update(adminTotp).set(set).where(fresh).returning({ step: adminTotp.lastStep })).length === 1;
    },
    removeTotp: async (adminId) =>
      (await db.delete(adminTotp).where(eq(adminTotp.adminId, adminId)).returning({ id: adminTotp.adminId })).length ===
      1,
    passkeys: async (adminId) =>
      db.select().from(adminPasskeys).where(eq(adminPasskeys.adminId, adminId)).orderBy(asc(adminPasskeys.createdAtMs)),
    async addPasskey(record) {
      const row = { ...record, publicKey: Buffer.from(record.publicKey) };
      const added = db.insert(adminPasskeys).values(row).onConflictDoNothing().returning({ id: adminPasskeys.id });
      return (await added).length === 1;
    },
    async usePasskey(id, counter, atMs) {
      const grown = counter === 0 ? eq(adminPasskeys.counter, 0) : lt(adminPasskeys.counter, counter);
      const used = db
        .update(adminPasskeys)
        .set({ counter, lastUsedAtMs: atMs })
        .where(and(eq(adminPasskeys.id, id), grown))
        .returning({ id: adminPasskeys.id });
      return (await used).length === 1;
    },
    async removePasskey(adminId, id) {
      const own = and(eq(adminPasskeys.adminId, adminId), eq(adminPasskeys.id, id));
      return (await db.delete(adminPasskeys).where(own).returning({ id: adminPasskeys.id })).length === 1;
    },
    putRecovery: (adminId, digests) =>
      atomic([
        db.delete(adminRecovery).where(eq(adminRecovery.adminId, adminId)),
        db.insert(adminRecovery).values(digests.map((digest) => ({ adminId, digest }))),
      ]),
    async takeRecovery(adminId, digest) {
      const own = and(eq(adminRecovery.adminId, adminId), eq(adminRecovery.digest, digest));
      return (await db.delete(adminRecovery).where(own).returning({ digest: adminRecovery.digest })).length === 1;
    },
    recoveryLeft: async (adminId) =>
      (await db.select({ value: count() }).from(adminRecovery).where(eq(adminRecovery.adminId, adminId)))[0]?.value ??
      0,
    reset: (adminId) =>
      atomic(
        [adminTotp, adminPasskeys, adminRecovery].map((table) => db.delete(table).where(eq(table.adminId, adminId))),
      ),
  };
}
