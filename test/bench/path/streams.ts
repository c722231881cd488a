// Streams: how late their chunks are, and what they cost a server while nothing is said.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { type Latencies, percentiles } from "./offered.ts";
import { requestTo, residentKb, type Server } from "./servers.ts";

const saying = (text: string) => ({ messages: [{ role: "user", content: text }] });

export interface StreamLatency {
  /** From the request to the first content, milliseconds. */
  readonly first: Latencies;
  /** From the upstream's sending of a chunk until a client has it, milliseconds: they share the machine's clock. */
  readonly chunk: Latencies;
}

/** So many streams at a time of 50 chunks each, 10 ms apart. */
export async function streamLatency(server: Server, streams: number): Promise<StreamLatency> {
  const pool = new Pool(server.url, { connections: streams });
  const request = requestTo(server, { stream: true, body: saying("[timed]") });
  const first: number[] = [];
  const chunk: number[] = [];
  const read = async (): Promise<void> => {
    const startedAt = performance.now();
    const { body } = await pool.request(request);
    let seen = false;
    for await (const bytes of body) {
      const now = performance.timeOrigin + performance.now();
      for (const [, sentAt] of String(bytes).matchAll(/"content":" (\d+\.\d+)"/g)) {
        chunk.push(now - Number(sentAt));
        if (!seen) first.push(performance.now() - startedAt);
        seen = true;
      }
    }
  };
  await Promise.all(Array.from({ length: streams }, read));
  await pool.close();
  return { first: percentiles(first), chunk: percentiles(chunk) };
}

/** Kilobytes that each open stream holds beyond what the idle process does. */
export async function idleStreamKb(server: Server, streams: number): Promise<number> {
  const pool = new Pool(server.url, { connections: streams, bodyTimeout: 0 });
  const request = requestTo(server, { stream: true, body: saying("[idle]") });
  const beforeKb = residentKb(server);
  const controller = new AbortController();
  const open = async (): Promise<void> => {
    const { body } = await pool.request({ ...request, signal: controller.signal });
    body.on("error", () => {});
    await new Promise((resolve) => body.once("data", resolve));
  };
  for (let left = streams; left > 0; left -= 250) await Promise.all(Array.from({ length: Math.min(250, left) }, open));
  await sleep(1_000);
  const heldKb = residentKb(server) - beforeKb;
  controller.abort();
  await pool.destroy();
  await sleep(500);
  return heldKb / streams;
}
