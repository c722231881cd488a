// What memory is left after many calls of all kinds, each with names that only its caller chose: what keeps any of them grows.
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "undici";
import { gateway, memoryOf, stopped, type WatchedGateway } from "../loop/watched.ts";
import type { Options } from "./parts.ts";
import type { Row, Table } from "./report.ts";
import { startScript } from "./servers.ts";

const atOnce = 32;
const keys = 200;
const shares = [0.1, 0.25, 0.5, 0.75, 1] as const;

/** The heap after a full collection, and the resident memory, of a process after shares of so many calls. */
export async function growth({ folder }: Options, calls: number): Promise<readonly Table[]> {
  const upstream = await startScript("upstream", {});
  // Nobody listens at the provider that fails.
  const server = await gateway(upstream.url, mkdtempSync(join(folder, "growth-")), {
    ANTHROPIC_BASE_URL: "http://127.0.0.1:9",
  });
  const heap: Row[] = [];
  const resident: Row[] = [];
  try {
    const secrets = await makeKeys(server);
    const pool = new Pool(server.url, { connections: atOnce });
    let next = 0;
    for (const share of shares) {
      const until = calls * share;
      const caller = async (): Promise<void> => {
        while (next < until) await call(pool, next++, secrets);
      };
      await Promise.all(Array.from({ length: atOnce }, caller));
      const { heapMb, rssMb } = await memoryOf(server);
      const name = `${until.toLocaleString("en-US")} calls`;
      heap.push({ name, value: heapMb });
      resident.push({ name, value: rssMb });
    }
    await pool.close();
  } finally {
    await stopped(server);
    upstream.process.kill();
  }
  const title = `up to ${calls.toLocaleString("en-US")} calls of all kinds`;
  const rest = { unit: "MB", base: heap[1]?.name ?? "", targets: [] };
  return [
    { id: "heap-growth", title: `Turnpike's heap after a full collection, ${title}`, rows: heap, ...rest },
    { id: "memory-growth", title: `Turnpike's resident memory, ${title}`, rows: resident, ...rest },
  ];
}

async function makeKeys({ url, adminHeaders }: WatchedGateway): Promise<readonly string[]> {
  const secrets: string[] = [];
  for (let at = 0; at < keys; at++) {
    const body = { name: `key ${at}`, customer: `customer ${at % 20}`, project: "bench" };
    const policy = { limits: [{ requests: 1_000_000_000, per: "minute" }], budget: { usd: "1000000", per: "month" } };
    const answer = await fetch(`${url}/admin/v1/keys`, {
      ...{ method: "POST", headers: adminHeaders, body: JSON.stringify({ ...body, policy }) },
    });
    secrets.push(((await answer.json()) as { readonly key: string }).key);
  }
  return secrets;
}

/** The kinds take turns; a call's number is in all that its caller may choose. */
async function call(pool: Pool, nth: number, secrets: readonly string[]): Promise<void> {
  const [stream, model] = [nth % 3 === 1, models[nth % models.length]?.(nth) ?? ""];
  const key = nth % 11 === 10 ? `tp_live_nobody${nth}` : secrets[nth % secrets.length];
  const { body } = await pool.request({
    ...{ method: "POST", path: "/v1/chat/completions" },
    headers: {
      ...{ authorization: `Bearer ${key}`, "content-type": "application/json", "user-agent": `client/${nth}` },
      ...{
        "x-session-id": `session-${nth}`,
        "x-request-id": `mine-${nth}`,
        "x-forwarded-for": `2001:db8::${nth.toString(16)}`,
      },
    },
    body: JSON.stringify({
      ...{ model, stream, messages: [{ role: "user", content: `${nth} Say something.` }] },
      ...{ user: `user-${nth}`, metadata: { order: `order-${nth}` }, prompt_cache_key: `cache-${nth}` },
    }),
  });
  // Some clients leave after the first bytes.
  if (stream && nth % 2 === 0) {
    body.on("error", () => {});
    await new Promise((resolve) => body.once("data", resolve).once("end", resolve));
    body.destroy();
  } else await body.dump({ limit: 10_000_000 });
}

/** Most succeed; one provider fails, one model nobody knows. */
const models: readonly ((nth: number) => string)[] = [
  () => "openai/gpt-4o",
  () => "openai/gpt-4o",
  () => "google/gemini-2.5-flash",
  () => "anthropic/claude-sonnet-4-5",
  (nth) => `openai/gpt-${nth}`,
  (nth) => `model-${nth}`,
  () => "openai/gpt-4o-mini",
];
