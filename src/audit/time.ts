// What time does to keys, told in the trail: a key expires, the old secret of a rotation stops working.
import type { KeyRecord, Store } from "../store/port.ts";
import type { Trail } from "./event.ts";
import { bySystem } from "./trail.ts";

export interface TimeDeps {
  readonly store: Pick<Store, "keys" | "snapshots">;
  readonly trail: Pick<Trail, "record">;
  now(): number;
}

const snapshotName = "audit-time";
const pageSize = 1_000;

/** Tells of what has ended since the last look, whichever process took it; a first look begins with now. */
export async function tellOfTime({ store, trail, now }: TimeDeps): Promise<void> {
  const nowMs = now();
  const last = await store.snapshots.load(snapshotName);
  const sinceMs = last?.savedAtMs ?? nowMs;
  const within = (atMs: number | null): boolean => atMs !== null && atMs > sinceMs && atMs <= nowMs;
  const tell = (action: string, key: KeyRecord, after: object): Promise<void> =>
    trail.record({ ...bySystem, action, target: { type: "key", id: key.id }, after });

  for (const key of await all(store, { expiresBeforeMs: nowMs + 1 })) {
    if (key.status === "revoked" || !within(key.expiresAtMs)) continue;
    await tell("key.expire", key, { expired_at: iso(key.expiresAtMs), last_used_at: iso(key.lastUsedAtMs) });
  }
  for (const key of await all(store, { overlapAtMs: sinceMs })) {
    for (const { expiresAtMs, hint } of await store.keys.secrets(key.id)) {
      if (within(expiresAtMs)) await tell("key.overlap-end", key, { ended_at: iso(expiresAtMs), hint });
    }
  }
  await store.snapshots.save(snapshotName, { value: "{}", savedAtMs: nowMs });
}

async function all(
  { keys }: TimeDeps["store"],
  query: { readonly expiresBeforeMs?: number; readonly overlapAtMs?: number },
): Promise<readonly KeyRecord[]> {
  const found: KeyRecord[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof keys.list>> = await keys.list({
      ...query,
      limit: pageSize,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.data);
    cursor = page.nextCursor;
  }
  return found;
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
