// Latency at an offered rate: calls begin when they are due, whether or not earlier ones have ended (an open loop), and the time of each
// counts from when it was due. So a server that falls behind can't make its figures better by delaying the next question.
import { Pool } from "undici";
import { requestTo, type Server } from "./servers.ts";

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export interface Offer {
  readonly perSecond: number;
  readonly seconds: number;
}

/** @throws Error at an answer that is not a good one. */
export async function offer(server: Server, { perSecond, seconds }: Offer): Promise<Latencies> {
  const pool = new Pool(server.url, { connections: 256 });
  const request = requestTo(server, { stream: false });
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const startedAt = performance.now();
  const total = perSecond * seconds;
  const call = async (dueAt: number): Promise<void> => {
    const { statusCode, body } = await pool.request(request);
    await body.arrayBuffer();
    if (statusCode !== 200) throw new Error(`${server.name}: ${statusCode}`);
    times.push(performance.now() - dueAt);
  };
  await new Promise<void>((resolve) => {
    // Every turn of the loop sends what is due; timers would be late by a millisecond.
    const send = (): void => {
      const due = ((performance.now() - startedAt) * perSecond) / 1_000;
      while (calls.length < Math.min(due, total)) calls.push(call(startedAt + (1_000 * calls.length) / perSecond));
      if (calls.length < total) setImmediate(send);
      else resolve();
    };
    send();
  });
  await Promise.all(calls);
  await pool.close();
  return percentiles(times);
}

export function percentiles(times: readonly number[]): Latencies {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) };
}
