// Start-up: from the process's beginning to its first answer to a call, on a database that was there before.
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "./parts.ts";
import { type Adapter, announced, bareParse, portkey, startTurnpike } from "./peers.ts";
import { median, type Row, type Table } from "./report.ts";
import { requestTo, type Server, startScript } from "./servers.ts";

const times = 5;

export async function startTimes({ folder, quick }: Options): Promise<readonly Table[]> {
  const upstream = await startScript("upstream", {});
  const around = { upstream: upstream.url, folder };
  const home = mkdtempSync(join(folder, "start-"));
  const first = startTurnpike(upstream.url, home);
  const { url, admin } = await announced(first);
  const created = await fetch(`${url}/admin/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench", customer: "bench", project: "bench" }),
  });
  const { key } = (await created.json()) as { readonly key: string };
  await stopped(first);
  const again: Adapter = async () => {
    const child = startTurnpike(upstream.url, home);
    const { url: at } = await announced(child);
    return { name: "turnpike", url: at, headers: { authorization: `Bearer ${key}` }, process: child };
  };
  const rows: Row[] = [];
  try {
    for (const adapter of [bareParse, again, portkey]) {
      const taken: number[] = [];
      let name = "";
      for (let time = 0; time < (quick ? 2 : times); time++) {
        const startedAt = performance.now();
        const server = await adapter(around);
        if (server === null) break;
        await answered(server);
        taken.push(performance.now() - startedAt);
        name = server.name;
        await stopped(server.process);
      }
      if (taken.length > 0) rows.push({ name, value: median(taken) });
    }
  } finally {
    upstream.process.kill();
  }
  const targets = [{ row: "turnpike", than: "portkey", atMost: 1.5 }];
  return [{ id: "start", title: "From start to the first answer", unit: "ms", rows, base: "portkey", targets }];
}

async function answered(server: Server): Promise<void> {
  const { path, ...request } = requestTo(server, { stream: false });
  const answer = await fetch(server.url + path, request);
  await answer.text();
  if (answer.status !== 200) throw new Error(`${server.name}: ${answer.status}`);
}

async function stopped(child: Server["process"]): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await exited;
}
