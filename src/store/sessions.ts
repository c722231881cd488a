// Sessions of administrators, and what was begun and must come back, in SQL.
import { and, count, desc, eq, gt, lte } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { ChallengeStore, SessionStore } from "./port-admins.ts";
import { adminChallenges, adminSessions } from "./schema-admins.sqlite.ts";

export function sessionStore({ db, atomic }: Driver): SessionStore {
  return {
    create: (session) => atomic([db.insert(adminSessions).values(session)]),
    findByDigest: async (digest) =>
      (await db.select().from(adminSessions).where(eq(adminSessions.digest, digest)))[0] ?? null,
    get: async (id) => (await db.select().from(adminSessions).where(eq(adminSessions.id, id)))[0] ?? null,
    list: async (adminId) =>
      db.select().from(adminSessions).where(eq(adminSessions.adminId, adminId)).orderBy(desc(adminSessions.id)),
    touch: (id, atMs) => atomic([db.update(adminSessions).set({ lastUsedAtMs: atMs }).where(eq(adminSessions.id, id))]),
    remove: async (id) =>
      (await db.delete(adminSessions).where(eq(adminSessions.id, id)).returning({ id: adminSessions.id })).length === 1,
    removeOf: async (adminId) =>
      (await db.delete(adminSessions).where(eq(adminSessions.adminId, adminId)).returning({ id: adminSessions.id }))
        .length,
    sweep: (nowMs) => atomic([db.delete(adminSessions).where(lte(adminSessions.expiresAtMs, nowMs))]),
  };
}

export function challengeStore({ db, atomic }: Driver): ChallengeStore {
  const standing = (digest: string, purpose: string, nowMs: number) =>
    and(
      eq(adminChallenges.digest, digest),
      eq(adminChallenges.purpose, purpose),
      gt(adminChallenges.expiresAtMs, nowMs),
    );
  return {
    create: ({ sealed, ...challenge }, nowMs) =>
      atomic([
        db.delete(adminChallenges).where(lte(adminChallenges.expiresAtMs, nowMs)),
        db.insert(adminChallenges).values({ ...challenge, sealed: Buffer.from(sealed) }),
      ]),
    peek: async (digest, purpose, nowMs) =>
      (
        await db
          .select()
          .from(adminChallenges)
          .where(standing(digest, purpose, nowMs))
      )[0] ?? null,
    take: async (digest, purpose, nowMs) =>
      (
        await db
          .delete(adminChallenges)
          .where(standing(digest, purpose, nowMs))
          .returning()
      )[0] ?? null,
    async count(purpose, nowMs) {
      const these = and(eq(adminChallenges.purpose, purpose), gt(adminChallenges.expiresAtMs, nowMs));
      return (await db.select({ value: count() }).from(adminChallenges).where(these))[0]?.value ?? 0;
    },
  };
}
