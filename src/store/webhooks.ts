// Webhooks and their deliveries in SQL.
import { and, desc, eq, getTableColumns, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { matches } from "./pattern.ts";
import type { DeliveryRecord, WebhookRecord, WebhookStore } from "./port-webhooks.ts";
import { webhookDeliveries as deliveries, webhooks } from "./schema-webhooks.sqlite.ts";

/** Deliveries that wait for one webhook; further ones are not kept. */
export const mostPending = 10_000;
/** Of one webhook at a time, so that one that is slow holds up nobody. */
const mostOfOne = 5;
const dayMs = 86_400_000;
/** How long deliveries are kept: what was taken, and what was not, whether given up or waiting for a webhook that is disabled. */
const keptMs = { delivered: 7 * dayMs, dead: 30 * dayMs, pending: 30 * dayMs } as const;

export function webhookStore({ db, atomic }: Driver): WebhookStore {
  const get = async (id: string): Promise<WebhookRecord | null> =>
    (await db.select().from(webhooks).where(eq(webhooks.id, id)))[0] ?? null;
  return {
    create: ({ sealedSecret, previousSealedSecret, ...webhook }) =>
      atomic([
        db.insert(webhooks).values({
          ...webhook,
          sealedSecret: Buffer.from(sealedSecret),
          previousSealedSecret: previousSealedSecret && Buffer.from(previousSealedSecret),
        }),
      ]),
    get,
    list: () => db.select().from(webhooks).orderBy(webhooks.id).execute(),
    async update(id, { sealedSecret, previousSealedSecret, ...changes }, atMs) {
      const secrets = {
        ...(sealedSecret !== undefined && { sealedSecret: Buffer.from(sealedSecret) }),
        ...(previousSealedSecret !== undefined && {
          previousSealedSecret: previousSealedSecret && Buffer.from(previousSealedSecret),
        }),
      };
      await atomic([
        db
          .update(webhooks)
          .set({ ...changes, ...secrets, updatedAtMs: atMs })
          .where(eq(webhooks.id, id)),
      ]);
      return get(id);
    },
    async remove(id) {
      if ((await get(id)) === null) return false;
      await atomic([
        db.delete(deliveries).where(eq(deliveries.webhookId, id)),
        db.delete(webhooks).where(eq(webhooks.id, id)),
      ]);
      return true;
    },
    async wanting(type) {
      const active = await db.select().from(webhooks).where(eq(webhooks.status, "active"));
      return active.filter(({ events }) => events.some((pattern) => matches(pattern, type)));
    },
    async put(event, wanted) {
      const pairs = JSON.stringify(wanted.map(({ id, webhookId }) => [id, webhookId]));
      const queued = await db.all<{ webhook_id: string }>(sql`
        insert into ${deliveries} (id, webhook_id, event_id, event_type, body, state, tries, next_at_ms, created_at_ms)
        select value ->> 0, value ->> 1, ${event.id}, ${event.type}, ${event.body}, 'pending', 0, ${event.atMs}, ${event.atMs}
        from json_each(${pairs})
        where (select count(*) from ${deliveries} as waiting where waiting.webhook_id = value ->> 1 and waiting.state = 'pending')
          < ${mostPending}
        returning webhook_id`);
      const taken = new Set(queued.map(({ webhook_id }) => webhook_id));
      return wanted.map(({ webhookId }) => webhookId).filter((id) => !taken.has(id));
    },
    async claim(nowMs, untilMs, limit) {
      const due = sql`select id from (
          select delivery.id, delivery.next_at_ms,
            row_number() over (partition by delivery.webhook_id order by delivery.next_at_ms, delivery.id) as nth
          from ${deliveries} as delivery join ${webhooks} on ${webhooks.id} = delivery.webhook_id
          where delivery.state = 'pending' and delivery.next_at_ms <= ${nowMs} and ${webhooks.status} = 'active')
        where nth <= ${mostOfOne} order by next_at_ms, id limit ${limit}`;
      const claimed = await db
        .update(deliveries)
        .set({ nextAtMs: untilMs, tries: sql`${deliveries.tries} + 1` })
        .where(sql`${deliveries.id} in (${due})`)
        .returning();
      if (claimed.length === 0) return [];
      const ids = [...new Set(claimed.map(({ webhookId }) => webhookId))];
      const endpoints = await db.select().from(webhooks).where(inArray(webhooks.id, ids));
      return claimed.flatMap(({ id, eventId, body, tries, webhookId }) => {
        const endpoint = endpoints.find((one) => one.id === webhookId);
        return endpoint === undefined ? [] : [{ id, event: { id: eventId, body }, endpoint, tries }];
      });
    },
    settle: (id, { state, nextAtMs, status: lastStatus, reason: lastReason, atMs: lastTriedAtMs }) =>
      atomic([
        db
          .update(deliveries)
          .set({ state, nextAtMs, lastStatus, lastReason, lastTriedAtMs })
          .where(eq(deliveries.id, id)),
      ]),
    disable: (id, disabledReason, updatedAtMs) =>
      atomic([db.update(webhooks).set({ status: "disabled", disabledReason, updatedAtMs }).where(eq(webhooks.id, id))]),
    sweep: (nowMs) =>
      atomic(
        Object.entries(keptMs).map(([state, ms]) =>
          db
            .delete(deliveries)
            .where(and(eq(deliveries.state, state as keyof typeof keptMs), lt(deliveries.createdAtMs, nowMs - ms))),
        ),
      ),
    async deliveries({ webhookId, state, cursor, limit }) {
      const wanted: SQL[] = [eq(deliveries.webhookId, webhookId)];
      if (state !== undefined) wanted.push(eq(deliveries.state, state));
      // Ids begin with their time of creation.
      if (cursor !== undefined) wanted.push(lt(deliveries.id, cursor));
      const rows: readonly DeliveryRecord[] = await db
        .select()
        .from(deliveries)
        .where(and(...wanted))
        .orderBy(desc(deliveries.id))
        .limit(limit + 1);
      const data = rows.slice(0, limit);
      return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
    },
    async resend(webhookId, deliveryId, atMs) {
      const [row] = await db
        .update(deliveries)
        .set({ state: "pending", tries: 0, nextAtMs: atMs })
        .where(and(eq(deliveries.id, deliveryId), eq(deliveries.webhookId, webhookId)))
        .returning(getTableColumns(deliveries));
      return row ?? null;
    },
  };
}
