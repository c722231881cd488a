// Credentials in SQL. Every change moves their epoch in the same transaction, so that other processes see it.
import { and, asc, desc, eq, isNotNull, isNull, lte, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch, readEpoch } from "./epoch.ts";
import type { CredentialRecord, CredentialStore, CredentialVersion } from "./port-credentials.ts";
import { credentials, credentialVersions } from "./schema-credentials.sqlite.ts";

const epochName = "credentials_epoch";

/** Written over a value: as many bytes of nothing. */
const overwritten = {
  sealed: sql`zeroblob(length(sealed))`,
  wrappedKey: sql`zeroblob(length(wrapped_key))`,
};

/** The repository of credentials over one database. */
export function credentialStore({ db, atomic }: Driver): CredentialStore {
  const get = async (id: string): Promise<CredentialRecord | null> =>
    (await db.select().from(credentials).where(eq(credentials.id, id)))[0] ?? null;
  return {
    get,
    async create(credential, version) {
      await atomic([
        nextEpoch(epochName),
        db.insert(credentials).values(credential),
        db.insert(credentialVersions).values(toRow(version)),
      ]);
    },
    list: async () => db.select().from(credentials).orderBy(asc(credentials.createdAtMs), asc(credentials.id)),
    async update(id, changes, atMs) {
      if ((await get(id)) === null) return false;
      const set = { ...changes, updatedAtMs: atMs };
      await atomic([nextEpoch(epochName), db.update(credentials).set(set).where(eq(credentials.id, id))]);
      return true;
    },
    async rotate(version, oldRetiresAtMs) {
      const { credentialId, version: number, createdAtMs } = version;
      const before = and(eq(credentialVersions.credentialId, credentialId), eq(credentialVersions.version, number - 1));
      try {
        await atomic([
          nextEpoch(epochName),
          // Of two that rotate at once, one finds its version there already.
          db.insert(credentialVersions).values(toRow(version)),
          db.update(credentialVersions).set({ retiresAtMs: oldRetiresAtMs }).where(before),
          db
            .update(credentials)
            .set({ version: number, updatedAtMs: createdAtMs })
            .where(eq(credentials.id, credentialId)),
        ]);
      } catch (error) {
        const now = await get(credentialId);
        if (now === null || now.version >= number) return false;
        throw error;
      }
      return true;
    },
    async remove(id) {
      if ((await get(id)) === null) return false;
      await atomic([
        nextEpoch(epochName),
        db.update(credentialVersions).set(overwritten).where(eq(credentialVersions.credentialId, id)),
        db.delete(credentials).where(eq(credentials.id, id)),
      ]);
      return true;
    },
    async tested(id, lastTest) {
      await atomic([db.update(credentials).set({ lastTest }).where(eq(credentials.id, id))]);
    },
    async versions(id) {
      const rows = await db
        .select()
        .from(credentialVersions)
        .where(id === undefined ? undefined : eq(credentialVersions.credentialId, id))
        .orderBy(asc(credentialVersions.credentialId), desc(credentialVersions.version));
      return rows.map(fromRow);
    },
    async findByFingerprint(fingerprint) {
      const rows = await db
        .select({ credential: credentials })
        .from(credentialVersions)
        .innerJoin(credentials, eq(credentials.id, credentialVersions.credentialId))
        .where(and(eq(credentialVersions.fingerprint, fingerprint), isNull(credentialVersions.destroyedAtMs)));
      return rows.map(({ credential }) => credential);
    },
    async destroyRetired(nowMs) {
      const retired = and(
        isNotNull(credentialVersions.retiresAtMs),
        lte(credentialVersions.retiresAtMs, nowMs),
        isNull(credentialVersions.destroyedAtMs),
      );
      const rows = await db.select({ id: credentialVersions.credentialId }).from(credentialVersions).where(retired);
      if (rows.length === 0) return 0;
      const destroyed = { ...overwritten, kekId: null, destroyedAtMs: nowMs };
      await atomic([nextEpoch(epochName), db.update(credentialVersions).set(destroyed).where(retired)]);
      return rows.length;
    },
    epoch: readEpoch(db, epochName),
  };
}

type Row = typeof credentialVersions.$inferSelect;

export function fromRow({ kekId, wrappedKey, sealed, ...row }: Row): CredentialVersion {
  const there = kekId !== null && wrappedKey !== null && sealed !== null;
  return { ...row, envelope: there ? { kekId, wrappedKey, sealed } : null };
}

function toRow({ envelope, ...version }: CredentialVersion): typeof credentialVersions.$inferInsert {
  if (envelope === null) return version;
  const { kekId, wrappedKey, sealed } = envelope;
  return { ...version, kekId, wrappedKey: Buffer.from(wrappedKey), sealed: Buffer.from(sealed) };
}
