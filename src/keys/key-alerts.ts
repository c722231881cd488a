// Alerts of keys that time changes: about to expire, due for a rotation, overdue.
import { type KeepingAlerts, keepAlerts } from "../observe/keep-alerts.ts";
import type { KeyQuery, KeyRecord, KeyStore } from "../store/port.ts";

export const keyAlertKinds = { expiring: "key_expiring", due: "rotation_due", overdue: "rotation_overdue" } as const;

const dayMs = 86_400_000;
/** So long ahead operators are told. */
const aheadMs = 7 * dayMs;
const pageSize = 1_000;

export interface KeyAlertOptions extends KeepingAlerts {
  readonly keys: Pick<KeyStore, "list">;
  readonly nowMs: number;
}

/** Looks at all keys with an end or a rotation policy, once. */
export async function lookAtKeys({ keys, nowMs, ...keeping }: KeyAlertOptions): Promise<void> {
  const soon = nowMs + aheadMs;
  const expiring = new Map<string, string>();
  for await (const key of all(keys, { expiresBeforeMs: soon })) {
    if (key.expiresAtMs === null || key.expiresAtMs <= nowMs) continue;
    expiring.set(key.id, `${named(key)} expires on ${day(key.expiresAtMs)}.`);
  }
  const due = new Map<string, string>();
  const overdue = new Map<string, string>();
  for await (const key of all(keys, { rotationDueAtMs: soon })) {
    const { rotation, rotatedAtMs, createdAtMs } = key;
    if (rotation === null) continue;
    const dueAtMs = (rotatedAtMs ?? createdAtMs) + rotation.everyDays * dayMs;
    if (dueAtMs > nowMs) due.set(key.id, `${named(key)} is to be rotated by ${day(dueAtMs)}.`);
    else overdue.set(key.id, `${named(key)} was to be rotated by ${day(dueAtMs)}, and was not.`);
  }
  await keepAlerts(keeping, keyAlertKinds.expiring, expiring);
  await keepAlerts(keeping, keyAlertKinds.due, due);
  await keepAlerts(keeping, keyAlertKinds.overdue, overdue);
}

/** Every key of a query that still works. */
async function* all(keys: Pick<KeyStore, "list">, query: Omit<KeyQuery, "limit">): AsyncGenerator<KeyRecord> {
  for (let cursor: string | null = null; ; ) {
    const page = await keys.list({ ...query, limit: pageSize, ...(cursor !== null && { cursor }) });
    for (const key of page.data) if (key.status !== "revoked") yield key;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
}

function named({ name, customer }: KeyRecord): string {
  return `The key "${name}" of ${customer}`;
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
