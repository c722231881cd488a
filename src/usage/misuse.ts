// Spots what a key's holder would not do: many new networks, a jump of spending, many refusals. Told, and left to people to judge.
import { type KeepingAlerts, keepAlerts } from "../observe/keep-alerts.ts";
import type { CallStore, KeyStore } from "../store/port.ts";
import type { NetworkStore, RefusalStore } from "../store/port-refusals.ts";
import { formatUsd } from "./price.ts";

export const unusualUse = "unusual_use";

/** From where on use counts as unusual; 0 looks for nothing of a kind. */
export interface MisuseThresholds {
  /** Networks in an hour that a key was never used from before. More than it is known from, too: popular keys have many. */
  readonly newNetworks: number;
  /** A day's spending, as a multiple of the daily average of the week before. */
  readonly spendingFactor: number;
  /** Refused calls of a key in an hour. */
  readonly refusals: number;
}

export interface MisuseOptions extends KeepingAlerts {
  readonly keys: Pick<KeyStore, "get">;
  readonly calls: Pick<CallStore, "usage">;
  readonly networks: Pick<NetworkStore, "fresh">;
  readonly refusals: Pick<RefusalStore, "list">;
  readonly thresholds: MisuseThresholds;
  readonly nowMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A jump from nearly nothing to little is no news: a dollar a day. */
const leastSpending = 1_000_000_000n;

/** Looks once. The subjects of its alerts are `key_… networks`, `key_… spending`, `key_… refusals`. */
export async function lookForMisuse(options: MisuseOptions): Promise<void> {
  const { newNetworks, spendingFactor, refusals } = options.thresholds;
  const found = new Map<string, string>();
  if (newNetworks > 0) await lookAtNetworks(options, found);
  if (spendingFactor > 0) await lookAtSpending(options, found);
  if (refusals > 0) await lookAtRefusals(options, found);
  await keepAlerts(options, unusualUse, found);
}

async function lookAtNetworks({ networks, keys, thresholds, nowMs }: MisuseOptions, found: Map<string, string>) {
  for (const { keyId, fresh, known } of await networks.fresh(nowMs - hourMs, thresholds.newNetworks)) {
    if (known === 0 || fresh <= known) continue;
    const key = await keys.get(keyId);
    // A key for browsers is used from wherever its pages are read.
    if (key === null || key.policy.origins !== undefined) continue;
    const said = `was used from ${fresh} new networks within an hour, and from ${known} before`;
    found.set(`${keyId} networks`, `The key "${key.name}" of ${key.customer} ${said}.`);
  }
}

async function lookAtSpending({ calls, keys, thresholds, nowMs }: MisuseOptions, found: Map<string, string>) {
  // Whole hours, which are summed up already.
  const now = nowMs - (nowMs % hourMs);
  const spent = async (fromMs: number, toMs: number) => {
    const rows = await calls.usage({ groupBy: ["key"], fromMs, toMs });
    return new Map(rows.map(({ group, costNanos }) => [group.key ?? "", costNanos]));
  };
  const before = await spent(now - 8 * dayMs, now - dayMs);
  for (const [keyId, nanos] of await spent(now - dayMs, now)) {
    const week = before.get(keyId) ?? 0n;
    if (week === 0n || nanos < leastSpending) continue;
    const average = week / 7n;
    if (Number(nanos) < Number(average) * thresholds.spendingFactor) continue;
    const key = await keys.get(keyId);
    if (key === null) continue;
    const said = `has spent $${formatUsd(nanos)} in a day, and $${formatUsd(average)} a day in the week before`;
    found.set(`${keyId} spending`, `The key "${key.name}" of ${key.customer} ${said}.`);
  }
}

async function lookAtRefusals({ refusals, keys, thresholds, nowMs }: MisuseOptions, found: Map<string, string>) {
  // The hour before is looked at, too: an alert is not to end with the hour and begin anew.
  const fromMs = nowMs - (nowMs % hourMs) - hourMs;
  const rows = await refusals.list({ groupBy: ["key", "hour"], fromMs, toMs: nowMs + 1 });
  for (const { group, refused } of rows) {
    // Most first. What no key is known of is told of by itself.
    if (refused < thresholds.refusals) return;
    const subject = `${group.key} refusals`;
    const key = found.has(subject) ? null : await keys.get(group.key ?? "");
    if (key === null) continue;
    found.set(subject, `${refused} calls of the key "${key.name}" of ${key.customer} were refused within an hour.`);
  }
}
