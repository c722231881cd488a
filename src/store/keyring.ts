// The keyring in SQL: the installation's wrapped keys, and the wrapping of data keys by them.
import { and, count, eq, isNotNull, ne, notExists, sql } from "drizzle-orm";
import { fromRow } from "./credentials.ts";
import type { Driver } from "./driver.ts";
import type { KeyringStore } from "./port-credentials.ts";
import { credentialVersions, keyring } from "./schema-credentials.sqlite.ts";

/** The repository of the keyring over one database. */
export function keyringStore({ db, atomic }: Driver): KeyringStore {
  return {
    list: async () => db.select().from(keyring).orderBy(keyring.id),
    async claim(key) {
      const row = { ...key, wrapped: Buffer.from(key.wrapped) };
      await atomic([db.insert(keyring).values(row).onConflictDoNothing()]);
    },
    async rewrap(id, from, { wrapper, wrapped }) {
      const same = and(eq(keyring.id, id), eq(keyring.wrapper, from));
      await atomic([
        db
          .update(keyring)
          .set({ wrapper, wrapped: Buffer.from(wrapped) })
          .where(same),
      ]);
    },
    async removeUnused(id) {
      const users = db.select({ one: sql`1` }).from(credentialVersions).where(eq(credentialVersions.kekId, id));
      await atomic([db.delete(keyring).where(and(eq(keyring.id, id), notExists(users)))]);
    },
    async wrappedByOthers(kekId, limit) {
      const others = and(isNotNull(credentialVersions.kekId), ne(credentialVersions.kekId, kekId));
      return (await db.select().from(credentialVersions).where(others).limit(limit)).map(fromRow);
    },
    async rewrapDataKeys(keys) {
      await atomic(
        keys.map(({ credentialId, version, from, to }) =>
          db
            .update(credentialVersions)
            .set({ kekId: to.kekId, wrappedKey: Buffer.from(to.wrappedKey) })
            .where(
              and(
                eq(credentialVersions.credentialId, credentialId),
                eq(credentialVersions.version, version),
                eq(credentialVersions.kekId, from),
              ),
            ),
        ),
      );
    },
    async uses() {
      const rows = await db
        .select({ id: credentialVersions.kekId, uses: count() })
        .from(credentialVersions)
        .where(isNotNull(credentialVersions.kekId))
        .groupBy(credentialVersions.kekId);
      return new Map(rows.map(({ id, uses }) => [id ?? "", uses]));
    },
  };
}
