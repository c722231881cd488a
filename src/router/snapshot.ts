// The snapshot of what is measured, as it is written down by one run and read by the next.
import { z } from "zod";
import type { MeasuresSnapshot } from "./measures.ts";
import type { QuantilesSnapshot } from "./quantiles.ts";

/** What is older is not believed any more. */
export const keptMs = 7 * 24 * 60 * 60 * 1000;
/** D1 takes 2 MB in a row. */
const mostCharacters = 1_000_000;

const time = z.number().positive();
const quantiles = z.object({
  weights: z.array(z.tuple([z.int().nonnegative(), z.number().positive()])).max(1_000),
  atMs: time,
});
const schema = z.object({
  version: z.literal(1),
  timings: z.record(z.string(), z.object({ ttft: quantiles, token: quantiles })),
  models: z.record(z.string(), z.tuple([z.number().nonnegative(), z.number().positive(), z.number().positive(), time])),
});

/** What a snapshot says that is neither too old nor of a time to come; null when it is none that this version can read. */
export function readSnapshot(text: string, nowMs: number): MeasuresSnapshot | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { success, data } = schema.safeParse(value);
  if (!success) return null;
  const recent = (atMs: number): boolean => atMs <= nowMs && nowMs - atMs < keptMs;
  return {
    version: 1,
    timings: Object.fromEntries(Object.entries(data.timings).filter(([, { ttft }]) => recent(ttft.atMs))),
    models: Object.fromEntries(Object.entries(data.models).filter(([, [, , , atMs]]) => recent(atMs))),
  };
}

/** What several processes have measured, as one: the mean of them, so that what they all began with does not grow. */
export function mergeSnapshots(snapshots: readonly MeasuresSnapshot[]): MeasuresSnapshot {
  const timings = gathered(snapshots.map((one) => one.timings));
  const models = gathered(snapshots.map((one) => one.models));
  return {
    version: 1,
    timings: mapValues(timings, (of) => ({
      ttft: meanQuantiles(of.map(({ ttft }) => ttft)),
      token: meanQuantiles(of.map(({ token }) => token)),
    })),
    models: mapValues(models, (of) => of.reduce((a, b) => (a[3] > b[3] ? a : b))),
  };
}

function gathered<T>(records: readonly Readonly<Record<string, T>>[]): Map<string, [T, ...T[]]> {
  const all = new Map<string, [T, ...T[]]>();
  for (const [name, value] of records.flatMap((record) => Object.entries(record))) {
    const known = all.get(name);
    if (known === undefined) all.set(name, [value]);
    else known.push(value);
  }
  return all;
}

function mapValues<T, Result>(of: ReadonlyMap<string, T>, map: (value: T) => Result): Record<string, Result> {
  return Object.fromEntries([...of].map(([name, value]) => [name, map(value)]));
}

function meanQuantiles(of: readonly QuantilesSnapshot[]): QuantilesSnapshot {
  const weights = new Map<number, number>();
  for (const [bucket, weight] of of.flatMap((one) => one.weights)) {
    weights.set(bucket, (weights.get(bucket) ?? 0) + weight / of.length);
  }
  return { weights: [...weights], atMs: Math.max(...of.map(({ atMs }) => atMs)) };
}

/** The snapshot as text of a million characters at most: where it has more to say, what was measured last is kept. */
export function writeSnapshot({ version, timings, models }: MeasuresSnapshot): string {
  const entries = [
    ...Object.entries(models).map(([name, of]) => ({ part: "models" as const, name, of, atMs: of[3] })),
    ...Object.entries(timings).map(([name, of]) => ({ part: "timings" as const, name, of, atMs: of.ttft.atMs })),
  ].sort((a, b) => b.atMs - a.atMs);
  const kept = { models: [] as string[], timings: [] as string[] };
  let room = mostCharacters;
  for (const { part, name, of } of entries) {
    const text = `${JSON.stringify(name)}:${JSON.stringify(of)}`;
    room -= text.length + 1;
    if (room < 0) break;
    kept[part].push(text);
  }
  return `{"version":${version},"timings":{${kept.timings.join(",")}},"models":{${kept.models.join(",")}}}`;
}
